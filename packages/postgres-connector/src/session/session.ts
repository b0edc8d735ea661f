import { type Clock, timeout } from '@sqlflow/resilience';
import { toConnectorError } from '../errors.js';
import { cancelQuery } from './cancel.js';
import type { ConnectionSettings } from './connection-settings.js';
import { CopyIn } from './copy-in.js';
import { type Query, silence, type TextRow } from './query.js';
import { type RowSink, RowStream } from './row-stream.js';
import type { SessionClient } from './session-client.js';

const asText = { getTypeParser: () => (text: string) => text };

/** How long a server may take to end what was cancelled, before the connection is broken off. */
const cancelMs = 3_000;

/** How long a server that was asked to cancel may go on before it is asked again. */
const cancelAgainMs = 50;

/**
 * What the text of a value depends on, and what protects the server from us. Set by a query, not at the start of the
 * connection: poolers between here and the server let it pass. The encoding is set by `pg`, at the start.
 */
const preparation = `SELECT
  pg_catalog.set_config('datestyle', 'ISO, MDY', false),
  pg_catalog.set_config('intervalstyle', 'postgres', false),
  pg_catalog.set_config('timezone', 'UTC', false),
  pg_catalog.set_config('bytea_output', 'hex', false),
  pg_catalog.set_config('extra_float_digits', '1', false),
  pg_catalog.set_config('default_transaction_read_only', 'on', false)`;

const prepared = new WeakSet<object>();

/** One connection, in use by one call. It ends with exactly one `giveBack` or `close`. */
export class Session {
  readonly #client: SessionClient;
  readonly #release: (destroy: boolean) => void;
  #streamEnded: AbortSignal | undefined;
  #isOver = false;

  /** @param release - Gives the connection back, or closes it if told to destroy it. */
  constructor(
    client: SessionClient,
    release: (destroy: boolean) => void,
    readonly settings: ConnectionSettings,
    readonly clock: Clock,
  ) {
    this.#client = client;
    // A pool's client says so when it breaks while it is in use; what is being done with it fails on its own.
    const ignore = (): void => undefined;
    client.on('error', ignore);
    this.#release = (destroy) => {
      client.off('error', ignore);
      release(destroy);
    };
  }

  /** Sets what results depend on, once for each connection. */
  async prepare(signal?: AbortSignal): Promise<void> {
    if (prepared.has(this.#client)) return;
    const { statementTimeoutMs } = this.settings;
    const extra =
      statementTimeoutMs === undefined ? '' : `, pg_catalog.set_config('statement_timeout', $1, false)`;
    const parameters = statementTimeoutMs === undefined ? [] : [String(statementTimeoutMs)];
    await this.query({ sql: preparation + extra, parameters }, 'preparing a connection', signal);
    prepared.add(this.#client);
  }

  /**
   * Runs a query of few rows.
   *
   * @throws ConnectorError saying that `doing` failed.
   * @throws `signal.reason` if `signal` aborts first; the query has ended on the server then.
   */
  async query(query: Query, doing: string, signal?: AbortSignal): Promise<TextRow[]> {
    const { silenceTimeoutMs } = this.settings;
    const limited = timeout(
      { timeoutMs: silenceTimeoutMs, error: () => silence(doing, silenceTimeoutMs) },
      this.clock,
    );
    let ended: AbortSignal | undefined;
    try {
      const result = await limited(() => {
        ended = this.#client.endOfNextQuery();
        return this.#client.query<TextRow>({ text: query.sql, values: [...query.parameters], types: asText });
      }, signal);
      return result.rows;
    } catch (error) {
      const failure = signal?.aborted === true ? undefined : toConnectorError(error, doing);
      if (failure === undefined || failure.code === 'timeout') await this.#breakOff(ended);
      throw failure ?? signal?.reason;
    }
  }

  /** Starts a query whose rows go to `sink` as they come. One at a time. */
  stream<T>(query: Query, sink: RowSink<T>, doing: string): RowStream<T> {
    this.#streamEnded = this.#client.endOfNextQuery();
    return this.#client.query(
      new RowStream(query, sink, {
        doing,
        clock: this.clock,
        silenceTimeoutMs: this.settings.silenceTimeoutMs,
      }),
    );
  }

  /** Starts a `COPY … FROM STDIN`. One at a time. */
  copyIn(sql: string, doing: string): CopyIn {
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
    this.close();
  }

  giveBack(): void {
    this.#end(false);
  }

  close(): void {
    this.#end(true);
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

  #end(destroy: boolean): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#release(destroy);
  }
}
