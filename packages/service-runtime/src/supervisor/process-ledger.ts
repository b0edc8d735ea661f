import type { RecordProcess } from '../process/owned-process.js';
import type { RuntimeFolders } from '../workspace/runtime-folders.js';
import { type SupervisorState, writeState } from './state-file.js';

interface Page {
  readonly processes: SupervisorState['processes'][number][];
  readonly projects: string[];
}

/** The pages of one service: what it runs is written down before it runs, and struck out when it is gone. */
export interface LedgerEntries {
  readonly add: RecordProcess;
  /** A project of Docker Compose, before anything is made for it. */
  readonly addProject: (name: string) => void;
  close(): void;
}

/** Keeps the state file true to what runs. */
export class ProcessLedger {
  readonly #open = new Set<Page>();

  constructor(private readonly folders: Pick<RuntimeFolders, 'state' | 'data'>) {
    this.#write();
  }

  open(): LedgerEntries {
    const page: Page = { processes: [], projects: [] };
    this.#open.add(page);
    return {
      add: (identity, endSignal) => {
        page.processes.push({ ...identity, endSignal });
        this.#write();
      },
      addProject: (name) => {
        page.projects.push(name);
        this.#write();
      },
      close: () => {
        this.#open.delete(page);
        this.#write();
      },
    };
  }

  #write(): void {
    const pages = [...this.#open];
    writeState(this.folders.state, {
      dataFolder: this.folders.data,
      processes: pages.flatMap(({ processes }) => processes),
      projects: pages.flatMap(({ projects }) => projects),
    });
  }
}
