import { type Checkpoint, ConnectorError, rowsOf } from '@sqlflow/connector-contract';
import {
  type PostgresIncrementalOptions,
  type PostgresSource,
  postgresSource,
} from '@sqlflow/postgres-connector';
import type { ToxicLink } from '@sqlflow/test-harness';
import type { Draw } from './draw.js';
import type { Version } from './written.js';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** Reads with the connector: its connections break, and it is killed and begun anew from its last checkpoint. */
export class ConnectorReader implements AsyncDisposable {
  readonly given: Version[] = [];
  reads = 0;
  /** The last read promised that none of the reads so far has lost anything. */
  isGuaranteed = true;
  #checkpoint: Checkpoint | undefined;
  #source: PostgresSource | undefined;

  constructor(
    private readonly link: ToxicLink<Endpoint>,
    private readonly stream: string,
    private readonly options: PostgresIncrementalOptions,
    private readonly draw: Draw,
  ) {}

  /** One read, which may be left in the middle. @param isLast - through a link without faults, to its end */
  async read(signal: AbortSignal, isLast = false): Promise<void> {
    this.reads += 1;
    const source = (this.#source ??= postgresSource({
      ...this.link.endpoint,
      retry: { maxAttempts: this.draw.integer(1, 3), initialDelayMs: 1, maxDelayMs: 5 },
    }));
    let left = !isLast && this.draw.oneIn(4) ? this.draw.integer(1, 3) : Infinity;
    const from = this.#checkpoint === undefined ? {} : { checkpoint: this.#checkpoint };
    const batchRows = this.draw.integer(1, 8);
    const reading = source.readIncremental(
      { name: this.stream },
      { ...this.options, ...from, batchRows, signal },
    );
    try {
      for await (const { batch, checkpoint } of reading) {
        for (const { id, rev } of rowsOf(batch)) this.given.push({ id: Number(id), rev: Number(rev) });
        this.#checkpoint = JSON.parse(JSON.stringify(checkpoint)) as Checkpoint;
        left -= 1;
        if (left === 0) break;
      }
    } catch (error) {
      signal.throwIfAborted();
      if (isLast || !(error instanceof ConnectorError) || error.kind !== 'transient') throw error;
    }
    if (reading.report !== undefined) this.isGuaranteed = reading.report.guarantee.kind !== 'none';
    // Killed: all that it knew but for the checkpoint is gone.
    if (left === 0 || this.draw.oneIn(6)) await this[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const source = this.#source;
    this.#source = undefined;
    await source?.[Symbol.asyncDispose]();
  }
}
