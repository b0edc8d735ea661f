import type { Clock } from '../clock.js';
import type { Host } from '../host.js';
import type { OwnedProcess, RecordProcess } from '../process/owned-process.js';
import type { Endpoints } from './endpoint.js';
import type { ServiceName } from './service-name.js';

/** Where a service comes from. */
export type ProviderName = 'local' | 'docker' | 'external';

/** What a caller is told of a service that it may use. */
export interface ServiceOffer<N extends ServiceName = ServiceName> {
  readonly service: N;
  readonly provider: ProviderName;
  readonly endpoint: Endpoints[N];
  /** What answered the probe, such as `PostgreSQL 15.18`. */
  readonly version: string;
  /** From the decision to start it to the first answer; absent for a service that ran before. */
  readonly startedInMs?: number;
  readonly logFile?: string;
}

/** The endpoints of what was offered, by service. */
export function endpointsOf(offers: readonly ServiceOffer[]): Partial<Endpoints> {
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
}

/** A service that answered its probe. What is not running has no endpoint. */
export interface RunningService<N extends ServiceName = ServiceName> {
  readonly endpoint: Endpoints[N];
  readonly version: string;
  /** Settles with the reason when one of its processes ends, asked or not. */
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

export interface LocalLauncher<N extends ServiceName = ServiceName> {
  readonly service: N;
  readonly standardPort: number;
  /** Says where its programs are. @throws ServiceFailure `BINARY_MISSING` */
  locate(host: Host): string;
  /** @throws ServiceFailure; whatever was started is ended by then. */
  launch(context: LaunchContext): Promise<RunningService<N>>;
}

/** The processes of one service, ended together, last started first ended. */
export function runningService<N extends ServiceName>(
  endpoint: Endpoints[N],
  version: string,
  processes: readonly OwnedProcess[],
): RunningService<N> {
  return {
    endpoint,
    version,
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
