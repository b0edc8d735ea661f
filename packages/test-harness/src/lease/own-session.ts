import { PostgresSession, type Row } from './postgres-session.js';

type Endpoint = Parameters<typeof PostgresSession.open>[0];

/** The connection of a lease's `query`: opened by the first call, and again after it was lost or closed. */
export class OwnSession {
  #session: Promise<PostgresSession> | undefined;

  constructor(private readonly endpoint: Endpoint) {}

  async query(sql: string, parameters: readonly unknown[], timeoutMs: number): Promise<Row[]> {
    const session = await this.#connected();
    return session.query(sql, parameters, { timeoutMs });
  }

  /** The process that serves it, if it is open. */
  async backendPid(): Promise<number | undefined> {
    const session = await this.#session?.catch(() => undefined);
    return session === undefined || session.isLost ? undefined : session.backendPid;
  }

  async close(): Promise<void> {
    const session = await this.#session?.catch(() => undefined);
    await session?.[Symbol.asyncDispose]();
  }

  #connected(): Promise<PostgresSession> {
    const before = this.#session;
    // Set before anything is awaited, so that calls made at once share one connection.
    this.#session = (async () => {
      const open = await before?.catch(() => undefined);
      return open === undefined || open.isLost ? PostgresSession.open(this.endpoint) : open;
    })();
    return this.#session;
  }
}
