import type { Clock } from '../../clock.js';
import type { Host } from '../../host.js';
import type { RecordProcess } from '../../process/owned-process.js';
import type { RuntimeFolders } from '../../workspace/runtime-folders.js';
import type { Environment } from '../variables.js';

/** The pages of one service in the supervisor's ledger. What is written there is cleared up by the next supervisor. */
export interface DockerLedgerEntries {
  readonly add: RecordProcess;
  /** Must be on disk when this returns: the next thing that is done is to make the container. */
  readonly addProject: (name: string) => void;
  close(): void;
}

export interface DockerContext {
  readonly folders: Pick<RuntimeFolders, 'key' | 'data' | 'logs'>;
  readonly ledger: { open(): DockerLedgerEntries };
  readonly host: Host;
  readonly clock: Clock;
  /** The variables that the compose file may name. */
  readonly environment: Environment;
}
