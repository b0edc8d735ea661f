import type { RecordProcess } from '../process/owned-process.js';
import type { RuntimeFolders } from '../workspace/runtime-folders.js';
import { type SupervisorState, writeState } from './state-file.js';

type Entry = SupervisorState['processes'][number];

/** The pages of one service: what it runs is written down before it runs, and struck out when it is gone. */
export interface LedgerEntries {
  readonly add: RecordProcess;
  close(): void;
}

/** Keeps the state file true to what runs. */
export class ProcessLedger {
  readonly #open = new Set<Entry[]>();

  constructor(private readonly folders: Pick<RuntimeFolders, 'state' | 'data'>) {
    this.#write();
  }

  open(): LedgerEntries {
    const entries: Entry[] = [];
    this.#open.add(entries);
    return {
      add: (identity, endSignal) => {
        entries.push({ ...identity, endSignal });
        this.#write();
      },
      close: () => {
        this.#open.delete(entries);
        this.#write();
      },
    };
  }

  #write(): void {
    writeState(this.folders.state, { dataFolder: this.folders.data, processes: [...this.#open].flat() });
  }
}
