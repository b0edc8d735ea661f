import { ConnectorError, type ConnectorErrorCode } from '@sqlflow/connector-contract';
import type { PostgresEndpoint } from '@sqlflow/service-runtime';
import { pause } from '../../../src/deadline.js';
import pg from 'pg';

const codes: Readonly<Record<string, ConnectorErrorCode>> = {
  ENOTFOUND: 'host-not-found',
  EAI_AGAIN: 'host-not-found',
  ECONNREFUSED: 'connection-refused',
  '28P01': 'authentication-failed',
  '3D000': 'not-found',
  '42P01': 'not-found',
  '42501': 'permission-denied',
  '22P02': 'invalid-data',
  '23502': 'invalid-data',
  '23505': 'invalid-data',
};
const transient: readonly (ConnectorErrorCode | undefined)[] = ['connection-refused', undefined];

export type TextRow = (string | null)[];

/** One connection whose answers are texts. Whoever ends it ends what it does on the server. */
export class ReferenceSession implements AsyncDisposable {
  readonly #endpoint: PostgresEndpoint;

  private constructor(
    private readonly client: pg.Client,
    endpoint: PostgresEndpoint,
    private readonly pid: number,
  ) {
    this.#endpoint = endpoint;
  }

  static async open(endpoint: PostgresEndpoint): Promise<ReferenceSession> {
    const { host, port, database, user, password } = endpoint;
    const client = new pg.Client({
      host,
      port,
      database,
      user,
      password,
      options: '-c TimeZone=UTC',
      connectionTimeoutMillis: 10_000,
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
      const session = new ReferenceSession(client, endpoint, 0);
      const [[pid] = []] = await session.query('SELECT pg_backend_pid()::text');
      return new ReferenceSession(client, endpoint, Number(pid));
    } catch (error) {
      await client.end().catch(() => undefined);
      throw explained(error);
    }
  }

  async query(sql: string, parameters: readonly (string | null)[] = []): Promise<TextRow[]> {
    try {
      const text = { getTypeParser: () => (value: unknown) => value };
      const answer = await this.client.query<TextRow>({
        text: sql,
        values: [...parameters],
        rowMode: 'array',
        types: text,
      });
      return answer.rows;
    } catch (error) {
      throw explained(error);
    }
  }

  /** Ends what runs here, from another connection. */
  async breakOff(): Promise<void> {
    const told = async (): Promise<void> => {
      await using other = await ReferenceSession.open(this.#endpoint);
      await other.query('SELECT pg_terminate_backend($1, 5000)', [String(this.pid)]);
    };
    await Promise.race([told().catch(() => undefined), pause(1_000)]);
    this.#destroy();
  }

  /** `pg` would wait for the server's goodbye. */
  #destroy(): void {
    const { connection } = this.client as unknown as { connection: { stream: { destroy(): void } } };
    connection.stream.destroy();
  }

  /** Leaves at once. What is under way here fails. */
  destroy(): void {
    this.client.connection.stream.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = this.client.end().catch(() => undefined);
    await Promise.race([ended, pause(1_000)]);
    this.#destroy();
  }
}

export function explained(error: unknown): unknown {
  if (error instanceof ConnectorError) return error;
  const serverCode = (error as { code?: string }).code;
  const code = serverCode === undefined ? undefined : codes[serverCode];
  const kind = transient.includes(code) ? 'transient' : 'terminal';
  const message = error instanceof Error ? error.message : String(error);
  return new ConnectorError(code ?? 'connection-lost', message, {
    kind,
    effect: 'none',
    cause: error,
    ...(serverCode !== undefined && { serverCode }),
  });
}
