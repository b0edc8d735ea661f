import { type Clock, systemClock } from '../clock.js';
import { ServiceFailure, type ServiceFailureReport } from '../failure/service-failure.js';
import { type Host, thisHost } from '../host.js';
import type { ServiceOffer } from '../service/running-service.js';
import { inOrder, type ServiceName } from '../service/service-name.js';
import { longestKeepWarmMs, type Request } from '../supervisor/protocol.js';
import { runtimeFolders } from '../workspace/runtime-folders.js';
import { loadServices } from '../workspace/workspace-services.js';
import { type Choice, chooseProviders, startsOf } from './choose-provider.js';
import { reachSupervisor } from './reach-supervisor.js';
import { ask, checkExternals, offersInOrder, type OnProgress, type Outcome } from './outcome.js';

export interface LeaseOptions {
  /** The folder that identifies the workspace. All who name the same folder share one set of services. */
  readonly workspaceRoot: string;
  readonly services: readonly ServiceName[];
  /** Who asks, for people who wonder who uses a service: `postgres-connector:integration`. */
  readonly holder: string;
  /** @defaultValue the variable SERVICES_PROVIDER, else `auto` */
  readonly provider?: string;
  /**
   * Milliseconds that a service started here goes on after its last lease, so that the next run finds it warm.
   * From 0 to 2_147_483_647, which is 24 days.
   * @defaultValue 600_000; 0 when the variable CI is set, or SERVICES_KEEP_WARM_MS
   */
  readonly keepWarmMs?: number;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

/** What was had, and what was not. Holding it keeps the services; when the process ends, however, it is given back. */
export interface ServiceLease extends AsyncDisposable {
  /** The built-in services first, then the workspace's own. */
  readonly offers: readonly ServiceOffer[];
  /** One for each service that cannot be had. */
  readonly failures: readonly ServiceFailureReport[];
}

const neverAborted = new AbortController().signal;
const defaultKeepWarmMs = 10 * 60 * 1000;

/**
 * Leases services: servers that the environment names are checked, all others are started or joined. A service that
 * cannot be had is reported in `failures`, and does not keep the others from being leased.
 *
 * The lease keeps no process alive. An abort gives back what was had so far.
 *
 * @throws ServiceFailure for what concerns all of them: an unknown service or provider, a supervisor that cannot be reached.
 */
export async function leaseServices(
  options: LeaseOptions,
  host: Host = thisHost(),
  clock: Clock = systemClock,
): Promise<ServiceLease> {
  const services = inOrder(options.services);
  const definitions = await loadServices(options.workspaceRoot, services);
  const choices = chooseProviders(definitions, options.workspaceRoot, host, options.provider);
  const signal = options.signal ?? neverAborted;
  const checked = checkExternals(choices, signal);
  checked.catch(() => undefined); // it may fail before it is waited for
  const started = await leaseStarted(choices, options, host, clock, signal);
  const external = await checked.catch(async (error: unknown) => {
    await started.release();
    throw error;
  });
  return {
    offers: offersInOrder([...external.offers, ...started.offers]),
    failures: [...external.failures, ...started.failures],
    [Symbol.asyncDispose]: started.release,
  };
}

async function leaseStarted(
  choices: readonly Choice[],
  options: LeaseOptions,
  host: Host,
  clock: Clock,
  signal: AbortSignal,
): Promise<Outcome & { release: () => Promise<void> }> {
  const services = startsOf(choices, options.workspaceRoot, host.environment);
  if (services.length === 0) return { offers: [], failures: [], release: () => Promise.resolve() };
  const keepWarm = keepWarmMs(options, host);
  const folders = runtimeFolders(options.workspaceRoot, host);
  const connection = await reachSupervisor(folders, host, clock, signal);
  try {
    const request: Request = {
      kind: 'lease',
      holder: options.holder.slice(0, 200), // a name, for people
      services,
      keepWarmMs: keepWarm,
    };
    const outcome = await ask(connection, request, services.length, signal, options.onProgress);
    connection.unref();
    return { ...outcome, release: () => connection.close() };
  } catch (error) {
    await connection.close();
    throw error;
  }
}

function keepWarmMs(options: LeaseOptions, { environment }: Host): number {
  const variable = environment['SERVICES_KEEP_WARM_MS'];
  const given = options.keepWarmMs ?? variable ?? '';
  if (given === '') return isContinuousIntegration(environment) ? 0 : defaultKeepWarmMs;
  const milliseconds = Number(given);
  if (milliseconds >= 0 && milliseconds <= longestKeepWarmMs) return milliseconds;
  const name = options.keepWarmMs === undefined ? 'SERVICES_KEEP_WARM_MS' : 'The option keepWarmMs';
  throw new ServiceFailure({
    code: 'INVALID_OPTION',
    summary: `${name} is "${given}"; it must be a number of milliseconds from 0 to ${longestKeepWarmMs}.`,
    evidence: [],
    next: ['Correct it, or unset it: services are kept for 10 minutes then, and not at all when CI is set.'],
  });
}

function isContinuousIntegration(environment: Host['environment']): boolean {
  return !['', '0', 'false'].includes((environment['CI'] ?? '').toLowerCase());
}
