import type { Checkpoint } from './checkpoint.js';

/** A checkpoint as it is stored. */
export interface StoredCheckpoint {
  readonly checkpoint: Checkpoint;
  /** Another one after each save, never the same again for one name. */
  readonly revision: string;
}

export interface SaveOptions {
  /** The revision that is replaced; `undefined` if there must be none yet. */
  readonly replaces: string | undefined;
  readonly signal?: AbortSignal;
}

/** Keeps checkpoints between runs, each under a name. */
export interface StateStore extends AsyncDisposable {
  load(name: string, signal?: AbortSignal): Promise<StoredCheckpoint | undefined>;

  /**
   * Stores a checkpoint if nobody has stored another meanwhile: of several that replace one revision, exactly one does.
   *
   * @returns The new revision.
   * @throws ConnectorError `conflict`, terminal and without effect, if the stored revision is another; with
   * `effect: 'unknown'` if the link broke first.
   */
  save(name: string, checkpoint: Checkpoint, options: SaveOptions): Promise<string>;
}
