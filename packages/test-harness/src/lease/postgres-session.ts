import { Socket } from 'node:net';
import type { PostgresEndpoint } from '@sqlflow/service-runtime';
import type { Client } from 'pg';
import { within } from '../deadline.js';
import { loadOnce } from './load-once.js';

const loadPg = loadOnce(() => import('pg'));

export type Row = Record<string, unknown>;

/** Milliseconds, more than 0, that a statement may take, and a signal that ends it sooner. */
export interface StatementLimit {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

const connectTimeoutMs = 10_000;
const goodbyeTimeoutMs = 1_000;

/**
 * One connection to PostgreSQL, which serves one statement after the other. Between two of them it does not keep the
 * process alive. A statement that is given up is not awaited: the connection is cut, and the server may go on with it.
 */
export class PostgresSession implements AsyncDisposable {
  #isLost = false;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(
    /** For whoever needs `pg` itself; its statements have no deadline. */
    readonly client: Client,
    private readonly socket: Socket,
    private readonly where: string,
  ) {
    // A connection that breaks while nobody uses it must not end the process; the next statement finds it lost.
    client.on('error', () => {
      this.#isLost = true;
    });
  }

  /** Rejects with the error of `pg` or of the operating system, HarnessError `timeout`, or the signal's reason. */
  static async open(
    endpoint: PostgresEndpoint & { readonly options?: string },
    signal?: AbortSignal,
  ): Promise<PostgresSession> {
    // Loaded when it is needed: 55 ms in every test file that Jest loads, those without a database included.
    const { Client } = await loadPg();
    const socket = new Socket().unref();
    const client = new Client({
      ...endpoint,
      stream: () => socket,
      application_name: `test-harness ${String(process.pid)}`,
    });
    const session = new PostgresSession(
      client,
      socket,
      `postgres at ${endpoint.host}:${String(endpoint.port)}`,
    );
    await session.#run('connecting to', { timeoutMs: connectTimeoutMs, signal }, () => client.connect());
    return session;
  }

  /** The process on the server that serves this connection, as pg_stat_activity lists it. */
  get backendPid(): number {
    // The published types call it `processId`, which the client has not.
    return (this.client as unknown as { processID: number }).processID;
  }

  /** True once the connection is of no more use. */
  get isLost(): boolean {
    return this.#isLost || this.socket.destroyed;
  }

  /**
   * Runs one statement, or several parted by `;` if there are no parameters, and answers the rows of the last.
   * Rejects as {@link PostgresSession.open} does.
   */
  async query(sql: string, parameters: readonly unknown[], limit: StatementLimit): Promise<Row[]> {
    const turn = this.#last.then(() =>
      this.#run('a statement on', limit, async () => {
        const answer: unknown = await (parameters.length === 0
          ? this.client.query(sql)
          : this.client.query(sql, [...parameters]));
        const results = (Array.isArray(answer) ? answer : [answer]) as { rows: Row[] }[];
        return results.at(-1)?.rows ?? [];
      }),
    );
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** Ends the connection. Statements that still run are given up. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.isLost) {
      await within({ what: 'saying goodbye', ms: goodbyeTimeoutMs }, () => this.client.end()).catch(
        () => undefined,
      );
    }
    this.socket.destroy();
  }

  #run<T>(doing: string, { timeoutMs, signal }: StatementLimit, work: () => Promise<T>): Promise<T> {
    return within({ what: `${doing} ${this.where}`, ms: timeoutMs, signal }, (ended) => {
      ended.addEventListener('abort', () => this.socket.destroy());
      return work();
    });
  }
}
