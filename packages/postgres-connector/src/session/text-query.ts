import type { Connection, Submittable } from 'pg';
import { type Pipeline, sendPipeline } from './pipeline.js';
import type { TextRow } from './query.js';

/** Runs a pipeline whose query has few rows, every value as text, over a connection of `pg`. */
export class TextQuery implements Submittable {
  /** Rejects with what `pg` says: an error of the server, or that the connection broke. */
  readonly done: Promise<TextRow[]>;
  readonly #pipeline: Pipeline;
  readonly #rows: TextRow[] = [];
  #names: readonly string[] = [];
  #commandTag = '';
  #resolve: (rows: TextRow[]) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;

  constructor(pipeline: Pipeline) {
    this.#pipeline = pipeline;
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** What the server says that the last statement did, such as `INSERT 0 5`, or `ROLLBACK` after a COMMIT in vain. */
  get commandTag(): string {
    return this.#commandTag;
  }

  submit(connection: Connection): void {
    sendPipeline(connection, this.#pipeline);
  }

  // What follows is called by `pg`.

  handleRowDescription({ fields }: { readonly fields: readonly { readonly name: string }[] }): void {
    this.#names = fields.map(({ name }) => name);
  }

  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    this.#rows.push(Object.fromEntries(this.#names.map((name, index) => [name, fields[index] ?? null])));
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    this.#commandTag = text;
  }

  handleEmptyQuery(): void {
    this.#commandTag = '';
  }

  handleError(error: unknown): void {
    this.#reject(error);
  }

  handleReadyForQuery(): void {
    this.#resolve(this.#rows);
  }
}
