import type { Clock } from '../clock.js';
import type { Host } from '../host.js';
import type { OwnedProcess, RecordProcess } from '../process/owned-process.js';
import type { Endpoint, EndpointOf, Endpoints } from './endpoint.js';
import type { ServiceName } from './service-name.js';

/** Where a service comes from: a process of ours, a container of ours, or a server that somebody else runs. */
export type ProviderName = 'local' | 'docker' | 'external';

/** What a caller is told of a service that it may use. */
export interface ServiceOffer<N extends ServiceName = ServiceName> {
  readonly service: N;
  readonly provider: ProviderName;
  readonly endpoint: EndpointOf<N>;
  /** What answered the probe, such as `PostgreSQL 15.18`. */
  readonly version: string;
  /** From the decision to start it to the first answer; absent for a service that ran before. */
  readonly startedInMs?: number;
  readonly logFile?: string;
}

/** The endpoints of what was offered, by service. */
export function endpointsOf(offers: readonly ServiceOffer[]): Endpoints {
  // An offer's endpoint is that of its own service; a list of offers has forgotten which is which.
  return Object.fromEntries(offers.map(({ service, endpoint }) => [service, endpoint] as const));
}

/** What a local launcher works with. */
export interface LaunchContext {
  readonly host: Host;
  readonly clock: Clock;
  /** An empty folder of the service's own, which the server's account can write to. Removed when the service stops. */
  readonly dataFolder: string;
  readonly logFile: string;
  /** The port that was asked for. A missing one leaves the choice: the standard port if free, else any. */
  readonly port: number | undefined;
  /** Aborts when nobody wants the service any more, or its time to start is over. */
  readonly signal: AbortSignal;
  readonly record: RecordProcess;
  /** Set for a server of one test's own, which is there to be broken; the others are shared. */
  readonly private?: PrivateLaunch;
}

/** What is asked of a private server: that it keeps what it has acknowledged when it is killed, and its limits. */
export interface PrivateLaunch {
  /** It has been killed: the data folder holds what it had written, and is to be gone on with. */
  readonly isRestart: boolean;
  readonly maxConnections: number | undefined;
  /** Set if the data folder has a limit: a folder without one, for what must not run out of room. */
  readonly roomyFolder: string | undefined;
  /** The data folder as we see it: one with a limit has another name for those outside. */
  readonly seenFromOutside: string;
}

/** A service that answered its probe. What is not running has no endpoint. */
export interface RunningService<E extends Endpoint = Endpoint> {
  readonly endpoint: E;
  readonly version: string;
  /** Those of its processes that we have started and that have not ended. What they have started is found by these. */
  pids(): readonly number[];
  /** Settles with the reason when one of its processes ends, asked or not. */
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

/** The processes of one service, ended together, last started first ended. */
export function runningService<E extends Endpoint>(
  endpoint: E,
  version: string,
  processes: readonly OwnedProcess[],
): RunningService<E> {
  return {
    endpoint,
    version,
    pids: () => processes.filter((process) => process.exitStatus() === undefined).map(({ pid }) => pid),
    ended: Promise.race(
      processes.map(async (process) => {
        const { exitCode, signal } = await process.exited;
        return signal === null ? `exit code ${String(exitCode)}` : `signal ${signal}`;
      }),
    ),
    stop: async () => {
      await Promise.all(processes.toReversed().map((process) => process.end()));
    },
  };
}
