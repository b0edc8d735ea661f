import type { Host } from '../host.js';
import type { Endpoint } from './endpoint.js';
import type { LaunchContext, RunningService } from './running-service.js';
import type { ServiceName } from './service-name.js';

/** All that the runtime knows of a service. The built-in ones and those of a workspace have the same shape. */
export interface ServiceDefinition<E extends Endpoint = Endpoint> {
  readonly name: ServiceName;
  /** It listens here in its container; on this machine too, when the port is free. */
  readonly standardPort: number;
  /** How it is run without Docker; absent if it cannot be. */
  readonly local?: LocalLauncher<E>;
  /** What to install so that it can be run without Docker. */
  readonly packages: { readonly debian: readonly string[]; readonly homebrew: readonly string[] };

  /**
   * A protocol round trip that only a service that can be used answers. A listening port is not enough.
   *
   * @returns what answered, such as `Redis 7.0.15`
   * @throws whatever kept it from answering; also when `signal` aborts
   */
  probe(endpoint: E, signal: AbortSignal): Promise<string>;

  /**
   * Where clients find it.
   *
   * @param environment - That of its service in the compose file, which is where accounts are said.
   */
  endpoint(address: Endpoint, environment: Readonly<Record<string, string>>): E;

  /**
   * Checks a server that somebody else runs: more than that it answers. What it tries out leaves nothing behind.
   *
   * @returns what answered, as `probe` does
   * @throws ServiceFailure for a version or a privilege that is not enough; else as `probe` does
   */
  checkExternal?(endpoint: E, signal: AbortSignal, variable: string): Promise<string>;
}

export interface LocalLauncher<E extends Endpoint = Endpoint> {
  /** Says where its programs are. @throws ServiceFailure `BINARY_MISSING` */
  locate(host: Host): string;
  /** @throws ServiceFailure; whatever was started is ended by then. */
  launch(context: LaunchContext): Promise<RunningService<E>>;
  /** What a private server of it cannot do, and why: `its data is in memory only`. */
  readonly cannot?: Partial<Readonly<Record<LimitedAbility, string>>>;
}

/** What not every server can do: come back with its data after a kill, live in a limited folder, limit its clients. */
export type LimitedAbility = 'restart' | 'dataBytes' | 'maxConnections';
