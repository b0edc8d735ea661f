import { type Clock, systemClock } from '../clock.js';
import { ServiceFailure } from '../failure/service-failure.js';
import { type Host, thisHost } from '../host.js';
import type { ServiceName } from '../service/service-name.js';
import type { Reply, Request, ServiceStatus, SupervisorStatus } from '../supervisor/protocol.js';
import { assertOurs, controlRoot, runtimeFolders } from '../workspace/runtime-folders.js';
import { loadServices } from '../workspace/workspace-services.js';
import { chooseProviders, startsOf } from './choose-provider.js';
import {
  ask,
  checkExternals,
  offersInOrder,
  type OnProgress,
  type Outcome,
  supervisorGone,
} from './outcome.js';
import { reachSupervisor } from './reach-supervisor.js';
import { connectToSupervisor } from './supervisor-connection.js';

export interface PinOptions {
  readonly workspaceRoot: string;
  readonly services: readonly ServiceName[];
  /** @defaultValue the variable SERVICES_PROVIDER, else `auto` */
  readonly provider?: string;
  /** Ports to insist on; 0 asks for any that is free. A service that runs already keeps its port. */
  readonly ports?: Readonly<Record<ServiceName, number>>;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

export interface StopOutcome {
  readonly stopped: readonly ServiceName[];
  /** What runs on because somebody uses it. */
  readonly inUse: readonly ServiceStatus[];
}

const neverAborted = new AbortController().signal;

/**
 * Starts services and keeps them until `stopServices`, whatever else comes and goes.
 *
 * @throws ServiceFailure for what concerns all of them: an unknown service or provider, a port that is none.
 */
export async function pinServices(
  options: PinOptions,
  host: Host = thisHost(),
  clock: Clock = systemClock,
): Promise<Outcome> {
  const signal = options.signal ?? neverAborted;
  const { workspaceRoot, onProgress } = options;
  assertPorts(options.ports ?? {});
  const definitions = await loadServices(workspaceRoot, options.services);
  const choices = chooseProviders(definitions, workspaceRoot, host, options.provider);
  const external = await checkExternals(choices, signal);
  const services = startsOf(choices, workspaceRoot, host.environment);
  if (services.length === 0) return external;
  const connection = await reachSupervisor(runtimeFolders(workspaceRoot, host), host, clock, signal);
  try {
    const request: Request = { kind: 'pin', holder: 'services:up', services, ports: options.ports ?? {} };
    const started = await ask(connection, request, services.length, signal, onProgress);
    await connection.next(signal); // 'done': the pins stand, and the connection may go
    return {
      offers: offersInOrder([...external.offers, ...started.offers]),
      failures: [...external.failures, ...started.failures],
    };
  } finally {
    await connection.close();
  }
}

function assertPorts(ports: Readonly<Record<ServiceName, number>>): void {
  for (const [service, port] of Object.entries(ports)) {
    if (Number.isInteger(port) && port >= 0 && port <= 65_535) continue;
    throw new ServiceFailure({
      code: 'INVALID_OPTION',
      service,
      summary: `The port asked for ${service} is ${String(port)}; it must be a whole number from 0 to 65535.`,
      evidence: [],
      next: ['Correct it: --ports.postgres=5433, or 0 for any that is free.'],
    });
  }
}

/**
 * Takes the pins of `pinServices` away and stops every service that nobody holds; with `force` the others too.
 *
 * @returns `undefined` if no supervisor runs, so that there was nothing to stop.
 */
export async function stopServices(
  options: { readonly workspaceRoot: string; readonly force?: boolean; readonly signal?: AbortSignal },
  host: Host = thisHost(),
  clock: Clock = systemClock,
): Promise<StopOutcome | undefined> {
  const request: Request = { kind: 'down', force: options.force ?? false };
  const reply = await askIfThere(options, request, host, clock);
  return reply?.kind === 'done' ? reply : undefined;
}

/** @returns `undefined` if no supervisor runs, and so no service of this workspace. */
export async function servicesStatus(
  options: { readonly workspaceRoot: string; readonly signal?: AbortSignal },
  host: Host = thisHost(),
  clock: Clock = systemClock,
): Promise<SupervisorStatus | undefined> {
  const reply = await askIfThere(options, { kind: 'status' }, host, clock);
  return reply?.kind === 'status' ? reply.status : undefined;
}

async function askIfThere(
  options: { readonly workspaceRoot: string; readonly signal?: AbortSignal },
  request: Request,
  host: Host,
  clock: Clock,
): Promise<Reply | undefined> {
  const signal = options.signal ?? neverAborted;
  const folders = runtimeFolders(options.workspaceRoot, host);
  assertOurs([controlRoot(host), folders.control], host);
  const connection = await connectToSupervisor(folders, clock, signal);
  if (connection === undefined) return undefined;
  try {
    connection.send(request);
    const reply = await connection.next(signal);
    if (reply === undefined) throw supervisorGone();
    return reply;
  } finally {
    await connection.close();
  }
}
