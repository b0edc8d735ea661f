import type { Clock } from '@sqlflow/resilience';
import type { Connection, Submittable } from 'pg';
import type { Duplex } from 'node:stream';
import { toConnectorError } from '../errors.js';
import { MessageScanner } from './message-scanner.js';
import { type Pipeline, sendPipeline } from './pipeline.js';
import { silence } from './query.js';
import { type DescribedColumn, parseRowDescription } from './row-description.js';

/** What takes the rows of a stream and makes batches of them. */
export interface RowSink<T> {
  /** The columns that are about to come. What it throws ends the stream. */
  describe(columns: readonly DescribedColumn[]): void;
  /** Bytes of DataRow messages; returns what they completed. */
  push(chunk: Uint8Array): readonly T[];
  end(): readonly T[];
}

export interface RowStreamContext {
  /** What to say failed. */
  readonly doing: string;
  readonly clock: Clock;
  readonly silenceTimeoutMs: number;
}

type State = 'flowing' | 'discarding' | 'over';

/**
 * Runs a pipeline whose query has binary results over a connection of `pg`, whose socket it reads itself while the rows come: `pg`
 * would make an object of each. What ends the answer goes back to `pg`, which is then ready for its next query.
 *
 * The socket is paused whenever a batch is ready, so that the server waits for the consumer, not the memory.
 */
export class RowStream<T> implements Submittable {
  readonly #pipeline: Pipeline;
  readonly #sink: RowSink<T>;
  readonly #context: RowStreamContext;
  readonly #scanner: MessageScanner;
  readonly #ready: T[] = [];
  #state: State = 'flowing';
  #failure: { readonly error: unknown } | undefined;
  #socket: Duplex | undefined;
  #wake: () => void = () => undefined;
  #lastByteMs: number;

  constructor(pipeline: Pipeline, sink: RowSink<T>, context: RowStreamContext) {
    this.#pipeline = pipeline;
    this.#sink = sink;
    this.#context = context;
    this.#lastByteMs = context.clock.nowMs();
    this.#scanner = new MessageScanner({
      rows: (bytes) => {
        this.#feed(() => this.#ready.push(...sink.push(bytes)));
      },
      rowDescription: (payload) => {
        this.#feed(() => {
          sink.describe(parseRowDescription(payload));
        });
      },
    });
  }

  /** All rows have come and the connection is ready for its next query. */
  get isComplete(): boolean {
    return this.#state === 'over' && this.#failure === undefined;
  }

  /**
   * Resolves when a batch is there, or none will come any more. It is not taken.
   *
   * @throws What `next` would throw.
   */
  async untilReady(): Promise<void> {
    while (this.#ready.length === 0) {
      if (this.#failure !== undefined) throw this.#failure.error;
      if (this.#state === 'over') return;
      await this.#moreBytes();
    }
  }

  /**
   * The next batch, `undefined` after the last.
   *
   * @throws ConnectorError for what the server, the connection or the sink objected to.
   * @throws The reason given to `discard`.
   */
  async next(): Promise<T | undefined> {
    await this.untilReady();
    return this.#ready.shift();
  }

  /** Drops all that has come and will come. What waits for it fails with `reason`. */
  discard(reason: unknown): void {
    this.#fail(reason);
    this.#socket?.resume();
  }

  submit(connection: Connection): void {
    this.#takeOver(connection.stream);
    sendPipeline(connection, this.#pipeline);
  }

  /** Called by `pg`: the server objected, or the connection broke. */
  handleError(error: unknown): void {
    this.#fail(toConnectorError(error, this.#context.doing));
    this.#end();
  }

  /** Called by `pg`: the answer is complete. */
  handleReadyForQuery(): void {
    this.#feed(() => this.#ready.push(...this.#sink.end()));
    this.#end();
  }

  #takeOver(socket: Duplex): void {
    const listeners = socket.listeners('data') as ((chunk: Buffer) => void)[];
    const onData = (chunk: Buffer): void => {
      this.#lastByteMs = this.#context.clock.nowMs();
      const end = this.#scan(chunk, socket);
      if (end < chunk.length) {
        socket.off('data', onData);
        for (const listener of listeners) socket.on('data', listener);
        for (const listener of listeners) listener(chunk.subarray(end));
      } else if (this.#ready.length > 0) {
        socket.pause();
        this.#wake();
      }
    };
    this.#socket = socket;
    socket.on('data', onData);
    for (const listener of listeners) socket.off('data', listener);
  }

  #scan(chunk: Buffer, socket: Duplex): number {
    try {
      return this.#scanner.push(chunk);
    } catch (error) {
      // Where the messages begin is lost, so nothing that follows can be understood.
      this.#fail(error);
      socket.destroy();
      return chunk.length;
    }
  }

  /** Lets the sink work, unless the stream has failed. An error left to itself would surface as one of the socket. */
  #feed(work: () => unknown): void {
    if (this.#state !== 'flowing') return;
    try {
      work();
    } catch (error) {
      this.#fail(
        toConnectorError(error, this.#context.doing, { code: 'protocol-violation', kind: 'terminal' }),
      );
    }
  }

  /** The first failure is the one that is told. Batches that wait are not handed over after it. */
  #fail(error: unknown): void {
    if (this.#state === 'over') return;
    this.#state = 'discarding';
    this.#failure ??= { error };
    this.#ready.length = 0;
    this.#wake();
  }

  #end(): void {
    this.#state = 'over';
    this.#wake();
  }

  async #moreBytes(): Promise<void> {
    const done = new AbortController();
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    // Time in which the consumer was busy is not the server's silence.
    this.#lastByteMs = this.#context.clock.nowMs();
    this.#socket?.resume();
    this.#watchSilence(done.signal).catch(() => undefined);
    await woken;
    done.abort();
  }

  async #watchSilence(signal: AbortSignal): Promise<void> {
    const { clock, silenceTimeoutMs, doing } = this.#context;
    if (silenceTimeoutMs === Infinity) return;
    for (;;) {
      const leftMs = this.#lastByteMs + silenceTimeoutMs - clock.nowMs();
      if (leftMs <= 0) break;
      await clock.sleep(leftMs, signal);
    }
    this.#fail(silence(doing, silenceTimeoutMs));
  }
}
