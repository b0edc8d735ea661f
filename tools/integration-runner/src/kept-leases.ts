import { type KeptLease, type LeaseServers, removeKept } from '@sqlflow/test-harness';
import type { LeaseEvent, RunEvent } from './events.js';

/** A lease that stays, and whose test it was. */
export interface KeptForTest extends KeptLease {
  readonly project: string;
  /** `undefined`: a hook of the whole file. */
  readonly test: string | undefined;
}

/**
 * Under --no-cleanup the harness leaves every lease on the server, since it cannot know how its test will end. This one
 * knows: as soon as a file has ended it removes what its passed tests had, and, where none failed, what its hooks had.
 */
export class KeptLeases {
  readonly #byFile = new Map<string, LeaseEvent[]>();
  readonly #failed = new Map<string, Set<string>>();
  readonly #kept: KeptForTest[] = [];
  readonly #removals: Promise<void>[] = [];

  constructor(
    private readonly servers: LeaseServers,
    private readonly onProblem: (text: string) => void,
    private readonly remove: typeof removeKept = removeKept,
  ) {}

  onEvent(event: RunEvent): void {
    if (event.event === 'lease-kept' && event.file !== undefined) {
      this.#byFile.set(event.file, [...(this.#byFile.get(event.file) ?? []), event]);
    } else if (event.event === 'test-ended' && event.status === 'failed') {
      this.#failed.set(event.file, new Set([...(this.#failed.get(event.file) ?? []), event.name]));
    } else if (event.event === 'file-ended') {
      this.#onFileEnded(event.file, event.project, event.failed > 0);
    }
  }

  /** What stays, once everything else is gone. */
  async settled(): Promise<readonly KeptForTest[]> {
    await Promise.all(this.#removals);
    return this.#kept;
  }

  #onFileEnded(file: string, project: string, hasFailed: boolean): void {
    for (const { kind, name, test } of this.#byFile.get(file) ?? []) {
      const stays = test === undefined ? hasFailed : this.#failed.get(file)?.has(test) === true;
      if (stays) this.#kept.push({ kind, name, project, test });
      else this.#removals.push(this.#remove({ kind, name }));
    }
    this.#byFile.delete(file);
  }

  async #remove(lease: KeptLease): Promise<void> {
    try {
      await this.remove(lease, this.servers);
    } catch (error) {
      this.onProblem(
        `${lease.kind} ${lease.name} stays: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
}
