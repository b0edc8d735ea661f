import { basename } from 'node:path';
import {
  type EndpointOf,
  findWorkspaceRoot,
  type PrivateServer as RuntimeServer,
  type ServiceName,
  startPrivateServer as start,
} from '@sqlflow/service-runtime';
import { HarnessError } from '../../harness-error.js';
import { checkServerOptions, type PrivateServerOptions } from './server-options.js';
import { explainFailure } from './explain-failure.js';
import { exhaustPostgres, exhaustRedis, type HeldConnections } from './exhaust-connections.js';
import { type BackendFilter, terminateBackends } from './terminate-backends.js';

/**
 * A server of one test's own, which it may break; the server that tests share is never touched. It ends at its disposal, or
 * with the process that started it, however that ends, frozen or not.
 *
 * Each fault resolves once it is complete. What is done already is done with: to freeze a frozen server is no error. One
 * that is aborted ends the server, since nobody could tell in which state it is.
 *
 * @throws HarnessError `unsupported`; `refused` in a state that does not allow it, such as freezing one that was killed;
 * `closed` after disposal; `service-unavailable` if it has been ended, or did not come up again
 * @throws `signal.reason`
 */
export interface PrivateServer<Name extends ServiceName = ServiceName> extends AsyncDisposable {
  /** It stays what it is, the port too. Empty at first: nothing of the shared server is in it. */
  readonly endpoint: EndpointOf<Name>;
  /** What the server itself has to say. Kept until another private server begins it anew. */
  readonly logFile: string | undefined;
  /** Stops all its processes by SIGSTOP: connections stay open, new ones are accepted, and nobody answers. */
  freeze(signal?: AbortSignal): Promise<void>;
  /** Lets them go on, with what was sent to them meanwhile. */
  thaw(signal?: AbortSignal): Promise<void>;
  /** Ends all its processes by SIGKILL at once. What it has acknowledged stays in its data folder. */
  kill(signal?: AbortSignal): Promise<void>;
  /** Kills it if it still runs, starts it on the same port and data, and waits until it answers. */
  restart(signal?: AbortSignal): Promise<void>;
  /** Takes what room is left in its data folder. It must have been started with `dataBytes`. */
  fillDisk(signal?: AbortSignal): Promise<void>;
  /** Gives that room back. */
  freeDisk(signal?: AbortSignal): Promise<void>;
}

interface ExhaustibleServer {
  /**
   * Opens connections until the server refuses one more, and holds them. Start it with `maxConnections`, else it takes
   * hundreds.
   *
   * @throws HarnessError as the faults do; none stays open then
   */
  exhaustConnections(signal?: AbortSignal): Promise<HeldConnections>;
}

export interface PrivatePostgres extends PrivateServer<'postgres'>, ExhaustibleServer {
  /**
   * Ends client connections by `pg_terminate_backend`; their clients get SQLSTATE 57P01. Resolves once they are gone.
   *
   * @returns how many it ended
   */
  terminateBackends(filter?: BackendFilter): Promise<number>;
}

export interface PrivateRedis extends PrivateServer<'redis'>, ExhaustibleServer {}

/** What can be done to a private server of a service. */
export type PrivateServerOf<Name extends ServiceName> = Name extends 'postgres'
  ? PrivatePostgres
  : Name extends 'redis'
    ? PrivateRedis
    : PrivateServer<Name>;

/**
 * Starts one more server of a service, for the caller alone: PostgreSQL takes 0.1 s, Redis 0.02 s, the object store 1 s.
 *
 * PostgreSQL and Redis keep what they have acknowledged when they are killed. The object store does not, and cannot be
 * restarted; neither can it be started with `dataBytes` or `maxConnections`.
 *
 * @throws HarnessError `not-ours` for a service that a TEST_* variable says somebody else runs; `unsupported`;
 * `invalid-option`; `service-unavailable`, with the reason. Nothing is left of it then.
 * @throws `signal.reason`
 */
export async function startPrivateServer<Name extends ServiceName>(
  service: Name,
  options: PrivateServerOptions = {},
): Promise<PrivateServerOf<Name>> {
  const { signal, ...limits } = checkServerOptions(options);
  const holder = `a test of ${basename(process.cwd())}, process ${String(process.pid)}`;
  const workspaceRoot = findWorkspaceRoot(process.cwd());
  const doing = `starting a private server of ${service}`;
  const server = await explainFailure(doing, () =>
    start({ workspaceRoot, service, holder, ...limits, ...(signal && { signal }) }),
  );
  // Each service has the server that goes with its name; the compiler cannot follow a name that it does not know.
  return toServer(server) as PrivateServerOf<Name>;
}

function toServer(server: RuntimeServer): PrivateServer {
  switch (server.offer.service) {
    case 'postgres':
      return new Postgres(server as RuntimeServer<'postgres'>);
    case 'redis':
      return new Redis(server as RuntimeServer<'redis'>);
    default:
      return new Server(server);
  }
}

class Server<Name extends ServiceName> implements PrivateServer<Name> {
  readonly endpoint: EndpointOf<Name>;
  readonly logFile: string | undefined;
  #disposal: Promise<void> | undefined;

  constructor(private readonly server: RuntimeServer<Name>) {
    this.endpoint = server.offer.endpoint;
    this.logFile = server.offer.logFile;
  }

  freeze(signal?: AbortSignal): Promise<void> {
    return this.act('freezing', () => this.server.freeze(signal));
  }

  thaw(signal?: AbortSignal): Promise<void> {
    return this.act('thawing', () => this.server.thaw(signal));
  }

  kill(signal?: AbortSignal): Promise<void> {
    return this.act('killing', () => this.server.kill(signal));
  }

  restart(signal?: AbortSignal): Promise<void> {
    return this.act('restarting', () => this.server.restart(signal));
  }

  fillDisk(signal?: AbortSignal): Promise<void> {
    return this.act('filling the disk of', () => this.server.fillDisk(signal));
  }

  freeDisk(signal?: AbortSignal): Promise<void> {
    return this.act('freeing the disk of', () => this.server.freeDisk(signal));
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposal ??= this.#end();
    return this.#disposal;
  }

  async #end(): Promise<void> {
    await explainFailure('ending a private server', async () => this.server[Symbol.asyncDispose]());
  }

  protected async act<T>(doing: string, work: () => Promise<T>): Promise<T> {
    const { service } = this.server.offer;
    const what = `${doing} the private server of ${service}`;
    if (this.#disposal !== undefined) throw new HarnessError('closed', `${what}: it has been ended`);
    return explainFailure(what, work);
  }
}

class Postgres extends Server<'postgres'> implements PrivatePostgres {
  exhaustConnections(signal?: AbortSignal): Promise<HeldConnections> {
    return this.act('taking the connections of', () => exhaustPostgres(this.endpoint, signal));
  }

  terminateBackends(filter: BackendFilter = {}): Promise<number> {
    return this.act('ending connections to', () => terminateBackends(this.endpoint, filter));
  }
}

class Redis extends Server<'redis'> implements PrivateRedis {
  exhaustConnections(signal?: AbortSignal): Promise<HeldConnections> {
    return this.act('taking the connections of', () => exhaustRedis(this.endpoint, signal));
  }
}
