import { type Clock, systemClock } from '../clock.js';
import { ServiceFailure } from '../failure/service-failure.js';
import { type Host, thisHost } from '../host.js';
import { limitedFolderObstacle } from '../process/limited-folder.js';
import type { EndpointOf } from '../service/endpoint.js';
import type { ServiceOffer } from '../service/running-service.js';
import type { ServiceName } from '../service/service-name.js';
import {
  dataBytesRange,
  type Fault,
  maxConnectionsRange,
  type PrivateLimits,
  type Request,
} from '../supervisor/protocol.js';
import { runtimeFolders } from '../workspace/runtime-folders.js';
import { loadServices } from '../workspace/workspace-services.js';
import { chooseProviders, startsOf } from './choose-provider.js';
import { ask, type OnProgress, supervisorGone } from './outcome.js';
import { reachSupervisor } from './reach-supervisor.js';
import type { SupervisorConnection } from './supervisor-connection.js';

export interface PrivateServerOptions {
  /** The folder that identifies the workspace, as for a lease. */
  readonly workspaceRoot: string;
  readonly service: ServiceName;
  /** Who asks, for people who wonder whose server this is. */
  readonly holder: string;
  /** @defaultValue the variable SERVICES_PROVIDER, else `auto` */
  readonly provider?: string;
  /**
   * Bytes that its data folder holds, 1 MiB to 4 GiB; an empty PostgreSQL takes 28 MiB of them. Its write-ahead log lies
   * elsewhere. It is memory of this machine. @defaultValue no limit
   */
  readonly dataBytes?: number;
  /** Connections that it takes at a time, 4 to 1000. @defaultValue as a shared server */
  readonly maxConnections?: number;
  readonly onProgress?: OnProgress;
  /** Ends the start: nothing is left of the server. */
  readonly signal?: AbortSignal;
}

/**
 * One more server of a service, which its holder has alone and may break. It ends when the holder disposes of it or ends,
 * however that comes about, in whatever state it is.
 *
 * Each fault resolves once it is complete; one that is done already is done with. They are done one after the other. An
 * abort of one ends the server: nobody could tell in which state it is.
 *
 * @throws ServiceFailure `FAULT_NOT_POSSIBLE` in a state that does not allow it, `FAULT_NOT_SUPPORTED`;
 * `SUPERVISOR_NOT_RESPONDING` once it has been ended; `signal.reason`
 */
export interface PrivateServer<N extends ServiceName = ServiceName> extends AsyncDisposable {
  /** It stays, the port too, whatever is done to the server. */
  readonly offer: ServiceOffer<N>;
  /** Stops all its processes by SIGSTOP: connections stay open, and nobody answers. */
  freeze(signal?: AbortSignal): Promise<void>;
  /** Lets them go on. */
  thaw(signal?: AbortSignal): Promise<void>;
  /** Ends all its processes by SIGKILL, frozen or not. What it has acknowledged stays in its data folder. */
  kill(signal?: AbortSignal): Promise<void>;
  /** Kills it if it runs, starts it on its port with its data, and waits until it answers. Also for one that ended itself. */
  restart(signal?: AbortSignal): Promise<void>;
  /** Takes what room is left in its data folder, which was started with `dataBytes`. */
  fillDisk(signal?: AbortSignal): Promise<void>;
  /** Gives that room back. */
  freeDisk(signal?: AbortSignal): Promise<void>;
}

const neverAborted = new AbortController().signal;

/** Trying it out takes 10 ms. */
const tryWithinMs = 10_000;

/**
 * Starts a private server.
 *
 * @throws ServiceFailure `NOT_OURS` for a service that somebody else runs; `INVALID_OPTION`; `FAULT_NOT_SUPPORTED` where
 * `dataBytes` or `maxConnections` cannot be had; or why the server could not be started. Nothing is left of it then.
 */
export async function startPrivateServer<N extends ServiceName>(
  options: PrivateServerOptions & { readonly service: N },
  host: Host = thisHost(),
  clock: Clock = systemClock,
): Promise<PrivateServer<N>> {
  const { workspaceRoot, service, holder, provider, signal = neverAborted } = options;
  const limits = limitsOf(options);
  const definitions = await loadServices(workspaceRoot, [service]);
  const choices = chooseProviders(definitions, workspaceRoot, host, provider);
  const [start] = startsOf(choices, workspaceRoot, host.environment);
  if (start === undefined) throw notOurs(service, choices[0]?.external?.variable);
  const connection = await reachSupervisor(runtimeFolders(workspaceRoot, host), host, clock, signal);
  try {
    const request: Request = { kind: 'private', holder: holder.slice(0, 200), start, limits };
    const { offers, failures } = await ask(connection, request, 1, signal, options.onProgress);
    const [offer] = offers;
    const [failure] = failures;
    if (failure !== undefined) throw new ServiceFailure(failure);
    if (offer === undefined) throw supervisorGone();
    connection.unref();
    // The supervisor offers what it was asked for.
    return new HeldServer({ ...offer, service, endpoint: offer.endpoint as EndpointOf<N> }, connection);
  } catch (error) {
    await connection.close();
    throw error;
  }
}

/**
 * Says why no private server can have a data folder of limited size on this machine, or `undefined` if it can. Asks the
 * system, and leaves nothing behind.
 *
 * @throws `signal.reason`
 */
export async function dataLimitObstacle(
  signal: AbortSignal = neverAborted,
  host: Host = thisHost(),
): Promise<string | undefined> {
  return limitedFolderObstacle(host, AbortSignal.any([signal, AbortSignal.timeout(tryWithinMs)]));
}

class HeldServer<N extends ServiceName> implements PrivateServer<N> {
  /** Never rejects. */
  #last: Promise<unknown> = Promise.resolve();
  #ended: Promise<void> | undefined;

  constructor(
    readonly offer: ServiceOffer<N>,
    private readonly connection: SupervisorConnection,
  ) {}

  freeze(signal?: AbortSignal): Promise<void> {
    return this.#fault('freeze', signal);
  }

  thaw(signal?: AbortSignal): Promise<void> {
    return this.#fault('thaw', signal);
  }

  kill(signal?: AbortSignal): Promise<void> {
    return this.#fault('kill', signal);
  }

  restart(signal?: AbortSignal): Promise<void> {
    return this.#fault('restart', signal);
  }

  fillDisk(signal?: AbortSignal): Promise<void> {
    return this.#fault('fillDisk', signal);
  }

  freeDisk(signal?: AbortSignal): Promise<void> {
    return this.#fault('freeDisk', signal);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#ended ??= this.#end();
    return this.#ended;
  }

  /** Not by closing alone: whoever goes on after that may meet what is left of it. */
  async #end(): Promise<void> {
    await this.#last;
    this.connection.ref();
    try {
      this.connection.send({ kind: 'end' });
      await this.connection.next(neverAborted);
    } finally {
      await this.connection.close();
    }
  }

  #fault(fault: Fault, signal: AbortSignal = neverAborted): Promise<void> {
    const done = this.#last.then(() => this.#ask(fault, signal));
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #ask(fault: Fault, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.connection.ref();
    try {
      this.connection.send({ kind: 'fault', fault });
      const reply = await this.connection.next(signal);
      if (reply?.kind === 'failed') throw new ServiceFailure(reply.failure);
      if (reply?.kind !== 'phase') throw supervisorGone();
    } catch (error) {
      if (!(error instanceof ServiceFailure) || error.code === 'SUPERVISOR_NOT_RESPONDING')
        await this.connection.close(); // its answer would be taken for that of the next fault
      throw error;
    } finally {
      this.connection.unref();
    }
  }
}

function limitsOf({ dataBytes, maxConnections }: PrivateServerOptions): PrivateLimits {
  assertWholeNumberIn('dataBytes', dataBytes, dataBytesRange);
  assertWholeNumberIn('maxConnections', maxConnections, maxConnectionsRange);
  return {
    ...(dataBytes !== undefined && { dataBytes }),
    ...(maxConnections !== undefined && { maxConnections }),
  };
}

function assertWholeNumberIn(
  option: string,
  given: number | undefined,
  { atLeast, atMost }: { readonly atLeast: number; readonly atMost: number },
): void {
  if (given === undefined || (Number.isInteger(given) && given >= atLeast && given <= atMost)) return;
  throw new ServiceFailure({
    code: 'INVALID_OPTION',
    summary: `The option ${option} is ${String(given)}; it must be a whole number from ${String(atLeast)} to ${String(atMost)}.`,
    evidence: [],
    next: ['Correct it, or leave it out.'],
  });
}

function notOurs(service: ServiceName, variable: string | undefined): ServiceFailure {
  return new ServiceFailure({
    code: 'NOT_OURS',
    service,
    summary: `${service} comes from a server that somebody else runs, and only servers of ours are broken.`,
    evidence: variable === undefined ? [] : [`${variable} names it`],
    next: [`Unset ${variable ?? 'the variable that names it'}, to have the service started.`],
  });
}
