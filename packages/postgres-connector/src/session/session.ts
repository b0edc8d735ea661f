import { ConnectorError } from '@sqlflow/connector-contract';
import { type Clock, timeout } from '@sqlflow/resilience';
import { toConnectorError } from '../errors.js';
import { cancelQuery } from './cancel.js';
import type { ConnectionSettings } from './connection-settings.js';
import { CopyIn } from './copy-in.js';
import type { Pipeline } from './pipeline.js';
import { type Query, silence, type TextRow } from './query.js';
import { type RowSink, RowStream } from './row-stream.js';
import type { SessionClient } from './session-client.js';
import { TextQuery } from './text-query.js';
import { openingStatements, type TransactionOptions } from './transaction.js';

/** Gives a connection back, or if told to destroy it closes it, and resolves when that is done. */
export type Release = (destroy: boolean) => Promise<void> | undefined;

interface TransactionState {
  readonly opening: readonly string[];
  readonly readOnly: boolean;
  /** Whether the server has heard of it. */
  readonly isOpen: boolean;
}

/** How long a server may take to end what was cancelled, before the connection is broken off. */
const cancelMs = 3_000;

/** How long a server that was asked to cancel may go on before it is asked again. */
const cancelAgainMs = 50;

/** What becomes of the transaction when the statement is over. */
export interface StatementEnd {
  /** Commits with the statement, in the same round trip, unless it fails. @defaultValue false */
  readonly commit?: boolean;
}

const commit = 'COMMIT';

/**
 * One connection, in use by one call. It ends with exactly one `giveBack` or `close`.
 *
 * Every statement runs in a transaction, of which one is open at a time: what `begin` asked for, else one that reads
 * only. A pooler in transaction mode keeps a connection of the server for it, and the settings that values depend on are
 * local to it.
 */
export class Session {
  readonly #client: SessionClient;
  readonly #release: (destroy: boolean) => Promise<void>;
  #transaction: TransactionState | undefined;
  #streamEnded: AbortSignal | undefined;
  #isOver = false;

  constructor(
    client: SessionClient,
    release: Release,
    readonly settings: ConnectionSettings,
    readonly clock: Clock,
  ) {
    this.#client = client;
    // A pool's client says so when it breaks while it is in use; what is being done with it fails on its own.
    const ignore = (): void => undefined;
    client.on('error', ignore);
    this.#release = async (destroy) => {
      client.off('error', ignore);
      await release(destroy);
    };
  }

  /**
   * Begins a transaction. The server hears of it together with the first statement, so it costs no round trip.
   *
   * @throws Error if one is open.
   */
  begin(options: TransactionOptions = {}): void {
    if (this.#transaction !== undefined) throw new Error('a transaction is open on this connection');
    const opening = openingStatements(options, this.settings);
    this.#transaction = { opening, readOnly: options.readOnly ?? true, isOpen: false };
  }

  /**
   * Runs a statement of few rows: one statement, not several behind semicolons.
   *
   * @throws ConnectorError saying that `doing` failed. The transaction has failed with it.
   * @throws `signal.reason` if `signal` aborts first; the query has ended on the server then.
   */
  async query(query: Query, doing: string, signal?: AbortSignal, end: StatementEnd = {}): Promise<TextRow[]> {
    const { rows } = await this.#run(this.#pipeline(query, false, end), doing, signal);
    if (end.commit === true) this.#transaction = undefined;
    return rows;
  }

  /**
   * Commits what is open; nothing if no statement was run.
   *
   * @throws ConnectorError `conflict` if a statement had failed, so that the server has rolled back.
   */
  async commit(doing: string, signal?: AbortSignal): Promise<void> {
    const { commandTag } = await this.#finish(commit, doing, signal);
    if (commandTag === commit) return;
    throw new ConnectorError(
      'conflict',
      `${doing} failed: a statement had failed, and nothing is committed`,
      {
        kind: 'terminal',
        effect: 'none',
      },
    );
  }

  /** Undoes what is open; nothing if no statement was run. */
  async rollback(doing: string, signal?: AbortSignal): Promise<void> {
    await this.#finish('ROLLBACK', doing, signal);
  }

  /** Starts a query whose rows go to `sink` as they come. One at a time. */
  stream<T>(query: Query, sink: RowSink<T>, doing: string, end: StatementEnd = {}): RowStream<T> {
    const pipeline = this.#pipeline(query, true, end);
    // If the stream fails, it is abandoned, and the connection is closed.
    if (end.commit === true) this.#transaction = undefined;
    this.#streamEnded = this.#client.endOfNextQuery();
    return this.#client.query(
      new RowStream(pipeline, sink, {
        doing,
        clock: this.clock,
        silenceTimeoutMs: this.settings.silenceTimeoutMs,
      }),
    );
  }

  /**
   * Starts a `COPY … FROM STDIN`. One at a time.
   *
   * @throws Error if no statement was run in the transaction, which therefore is not open yet.
   */
  copyIn(sql: string, doing: string): CopyIn {
    if (this.#transaction?.isOpen !== true) throw new Error('no transaction is open on this connection');
    this.#streamEnded = this.#client.endOfNextQuery();
    const { silenceTimeoutMs } = this.settings;
    return this.#client.query(new CopyIn(sql, { doing, clock: this.clock, silenceTimeoutMs }));
  }

  /**
   * Makes the server end what it is doing for `stream`, waits until it has, and closes the connection.
   * It is not given back: a cancel that comes late would hit the next query.
   */
  async abandon(stream: Pick<RowStream<unknown>, 'discard'>, reason: unknown): Promise<void> {
    stream.discard(reason);
    await this.#breakOff(this.#streamEnded);
    await this.close();
  }

  /** Ends a transaction that is still open: one that only reads is committed, one that might write is rolled back. */
  giveBack(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const last = this.#transaction?.readOnly === false ? 'ROLLBACK' : commit;
    if (this.#transaction?.isOpen !== true) {
      void this.#release(false);
      return;
    }
    this.#finish(last, 'giving a connection back').then(
      () => this.#release(false),
      () => this.#release(true),
    );
  }

  /** Closes the connection, and with it what is open on it. Resolves when the server has let go, or does not answer. */
  async close(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    await this.#release(true);
  }

  /** What to send for one statement: with the opening of the transaction, if it is the first. */
  #pipeline(query: Query, binary: boolean, { commit: isLast = false }: StatementEnd): Pipeline {
    if (this.#transaction === undefined) this.begin();
    const transaction = this.#transaction;
    const before = transaction?.isOpen === false ? transaction.opening : [];
    this.#transaction = transaction && { ...transaction, isOpen: true };
    return { before, query, binary, after: isLast ? [commit] : [] };
  }

  async #finish(sql: string, doing: string, signal?: AbortSignal): Promise<{ commandTag: string }> {
    const isOpen = this.#transaction?.isOpen === true;
    this.#transaction = undefined;
    if (!isOpen) return { commandTag: sql };
    const query = { sql, parameters: [] };
    return this.#run({ before: [], query, binary: false, after: [] }, doing, signal);
  }

  async #run(
    pipeline: Pipeline,
    doing: string,
    signal: AbortSignal | undefined,
  ): Promise<{ rows: TextRow[]; commandTag: string }> {
    const { silenceTimeoutMs } = this.settings;
    const limited = timeout(
      { timeoutMs: silenceTimeoutMs, error: () => silence(doing, silenceTimeoutMs) },
      this.clock,
    );
    let ended: AbortSignal | undefined;
    try {
      return await limited(async () => {
        ended = this.#client.endOfNextQuery();
        const query = this.#client.query(new TextQuery(pipeline));
        const rows = await query.done;
        return { rows, commandTag: query.commandTag };
      }, signal);
    } catch (error) {
      const failure = signal?.aborted === true ? undefined : toConnectorError(error, doing);
      if (failure === undefined || failure.code === 'timeout') await this.#breakOff(ended);
      throw failure ?? signal?.reason;
    }
  }

  /**
   * Cancels on the server until the query has `ended` there; nothing if there is none. With no answer, a broken
   * connection is what the server will notice.
   */
  async #breakOff(ended: AbortSignal | undefined): Promise<void> {
    if (ended === undefined) return;
    const limited = timeout(
      { timeoutMs: cancelMs, error: () => new Error('not cancelled in time') },
      this.clock,
    );
    const key = this.#client.backendKey;
    try {
      await limited(async ({ signal }) => {
        while (!ended.aborted) {
          if (key !== undefined) await cancelQuery(this.settings, key, signal);
          // A cancel may overtake the query that it is meant for. The server drops it then.
          await this.#sleepUntil(ended, signal);
        }
      });
    } catch {
      this.#client.destroy();
    }
  }

  /** Sleeps a while, or until the query has `ended`. @throws `signal.reason` if `signal` aborts first. */
  async #sleepUntil(ended: AbortSignal, signal: AbortSignal | undefined): Promise<void> {
    try {
      await this.clock.sleep(cancelAgainMs, signal === undefined ? ended : AbortSignal.any([ended, signal]));
    } catch {
      signal?.throwIfAborted();
    }
  }
}
