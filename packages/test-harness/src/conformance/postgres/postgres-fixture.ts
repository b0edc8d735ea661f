import { randomBytes } from 'node:crypto';
import type { Row } from '@sqlflow/connector-contract';
import type { PostgresEndpoint } from '@sqlflow/service-runtime';
import { HarnessError } from '../../harness-error.js';
import { leaseDatabase, type LeasedDatabase } from '../../lease/database.js';
import { PostgresSession } from '../../lease/postgres-session.js';
import { closedPort } from '../closed-port.js';
import type { FixtureTransaction, SourceFixture, StreamFixture } from '../source/source-fixture.js';
import { postgresFaults } from './postgres-faults.js';
import { parameterOf, postgresTypes } from './column-values.js';

const statementTimeoutMs = 30_000;
/** PostgreSQL takes 65 535 parameters in a statement. */
const parametersPerStatement = 30_000;

/**
 * A private database on the PostgreSQL that `TEST_POSTGRES_*` name, with a role of its own: it may read what is there, and
 * nothing more. The account of the server must be allowed to create roles.
 */
export async function postgresSourceFixture(): Promise<SourceFixture<PostgresEndpoint>> {
  const database = await leaseDatabase();
  try {
    const roles = await Roles.create(database);
    return await PostgresFixture.on(database, roles);
  } catch (error) {
    await database[Symbol.asyncDispose]();
    throw error;
  }
}

/** Roles are of the whole server, so they carry the name of the lease, and go before it. */
class Roles {
  private constructor(
    readonly reader: string,
    /** May connect, and use no schema. */
    readonly outsider: string,
    readonly password: string,
  ) {}

  static async create(database: LeasedDatabase): Promise<Roles> {
    const { database: name } = database.endpoint;
    const password = `canary-${randomBytes(12).toString('hex')}`;
    const roles = new Roles(`${name}_r`, `${name}_o`, password);
    await database.query(`
      CREATE ROLE ${quoted(roles.reader)} LOGIN PASSWORD '${password}';
      CREATE ROLE ${quoted(roles.outsider)} LOGIN PASSWORD '${password}';
      REVOKE ALL ON SCHEMA public FROM PUBLIC;
      GRANT USAGE ON SCHEMA public TO ${quoted(roles.reader)};
      ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO ${quoted(roles.reader)}`);
    return roles;
  }

  async drop(database: LeasedDatabase): Promise<void> {
    for (const role of [this.reader, this.outsider]) {
      await database.query(`DROP OWNED BY ${quoted(role)}; DROP ROLE ${quoted(role)}`);
    }
  }
}

class PostgresFixture implements SourceFixture<PostgresEndpoint> {
  readonly endpoint: PostgresEndpoint;
  readonly secrets: readonly string[];
  readonly streams: StreamFixture;

  private constructor(
    private readonly database: LeasedDatabase,
    private readonly roles: Roles,
    private readonly freePort: number,
  ) {
    this.endpoint = { ...database.endpoint, user: roles.reader, password: roles.password };
    this.secrets = [roles.password, `wrong-${roles.password}`];
    this.streams = new PostgresStreams(database);
  }

  static async on(database: LeasedDatabase, roles: Roles): Promise<PostgresFixture> {
    return new PostgresFixture(database, roles, await closedPort());
  }

  get failing(): SourceFixture<PostgresEndpoint>['failing'] {
    const { endpoint } = this;
    return [
      { stage: 'dns', code: 'host-not-found', endpoint: { ...endpoint, host: 'no-such-host.invalid' } },
      { stage: 'tcp', code: 'connection-refused', endpoint: { ...endpoint, port: this.freePort } },
      {
        stage: 'authentication',
        code: 'authentication-failed',
        endpoint: { ...endpoint, password: `wrong-${this.roles.password}` },
      },
      { stage: 'container', code: 'not-found', endpoint: { ...endpoint, database: 'no_such_database' } },
      { stage: 'privilege', code: 'permission-denied', endpoint: { ...endpoint, user: this.roles.outsider } },
    ];
  }

  readonly activity = async (): Promise<readonly string[]> => {
    const sql = `SELECT state, query FROM pg_stat_activity WHERE usename = $1 AND state IS DISTINCT FROM 'idle'`;
    return (await this.database.query(sql, [this.roles.reader])).map(({ state, query }) => {
      if (typeof state === 'string') return `${state}: ${String(query)}`;
      const user = this.database.endpoint.user;
      throw new HarnessError(
        'permission-denied',
        `"${user}" may not see what others do; grant it pg_read_all_stats`,
      );
    });
  };

  readonly faults = postgresFaults;

  async [Symbol.asyncDispose](): Promise<void> {
    await using database = this.database;
    // What the source has left open would keep the roles in use.
    const open = 'SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = ANY($1)';
    await database.query(open, [[this.roles.reader, this.roles.outsider]]);
    await this.roles.drop(database);
  }
}

class PostgresStreams implements StreamFixture {
  readonly kinds = new Set(Object.keys(postgresTypes) as (keyof typeof postgresTypes)[]);

  constructor(private readonly database: LeasedDatabase) {}

  async create({ name, columns, key }: Parameters<StreamFixture['create']>[0]): Promise<void> {
    const lines = columns.map(
      (column) =>
        `${quoted(column.name)} ${postgresTypes[column.kind]}${column.isNullable === true ? '' : ' NOT NULL'}`,
    );
    if (key.length > 0) lines.push(`PRIMARY KEY (${key.map(quoted).join(', ')})`);
    await this.database.query(`CREATE TABLE ${quoted(name)} (${lines.join(', ')})`);
  }

  async createLarge(name: string, count: number): Promise<void> {
    await this.database.query(`CREATE VIEW ${quoted(name)} AS
      SELECT id, repeat(md5(id::text), 8) AS body FROM generate_series(1, ${String(count)}::bigint) AS id`);
  }

  async stamp(): Promise<string> {
    return stampOf(await this.database.query(stampSql));
  }

  async insert(stream: string, rows: readonly Row[]): Promise<void> {
    for (const { sql, parameters } of insertions(stream, rows)) await this.database.query(sql, parameters);
  }

  async update(stream: string, where: Row, changes: Row): Promise<void> {
    const [set, match] = [Object.entries(changes), Object.entries(where)];
    const sql = `UPDATE ${quoted(stream)}
                    SET ${set.map(([name], index) => `${quoted(name)} = $${String(index + 1)}`).join(', ')}
                  WHERE ${match.map(([name], index) => `${quoted(name)} = $${String(set.length + index + 1)}`).join(' AND ')}`;
    await this.database.query(
      sql,
      [...set, ...match].map(([, value]) => parameterOf(value)),
    );
  }

  readonly begin = (): Promise<FixtureTransaction> => Transaction.begin(this.database.endpoint);

  readonly addColumn = async (
    stream: string,
    { name, kind }: Parameters<NonNullable<StreamFixture['addColumn']>>[1],
  ): Promise<void> => {
    await this.alter(stream, `ADD COLUMN ${quoted(name)} ${postgresTypes[kind]}`);
  };

  readonly dropColumn = async (stream: string, column: string): Promise<void> => {
    await this.alter(stream, `DROP COLUMN ${quoted(column)}`);
  };

  private async alter(stream: string, change: string): Promise<void> {
    await this.database.query(`ALTER TABLE ${quoted(stream)} ${change}`);
  }
}

class Transaction implements FixtureTransaction {
  private constructor(private readonly session: PostgresSession) {}

  static async begin(endpoint: PostgresEndpoint): Promise<Transaction> {
    const session = await PostgresSession.open(endpoint);
    await session.query('BEGIN', [], { timeoutMs: statementTimeoutMs });
    return new Transaction(session);
  }

  async stamp(): Promise<string> {
    return stampOf(await this.session.query(stampSql, [], { timeoutMs: statementTimeoutMs }));
  }

  async insert(stream: string, rows: readonly Row[]): Promise<void> {
    for (const { sql, parameters } of insertions(stream, rows)) {
      await this.session.query(sql, parameters, { timeoutMs: statementTimeoutMs });
    }
  }

  async commit(): Promise<void> {
    await this.session.query('COMMIT', [], { timeoutMs: statementTimeoutMs });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.session[Symbol.asyncDispose]();
  }
}

const stampSql = `SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS stamp`;

function stampOf([row]: readonly Row[]): string {
  return String(row?.['stamp']);
}

function* insertions(
  stream: string,
  rows: readonly Row[],
): Generator<{ sql: string; parameters: (string | null)[] }> {
  const columns = Object.keys(rows[0] ?? {});
  const rowsPerStatement = Math.max(1, Math.floor(parametersPerStatement / Math.max(1, columns.length)));
  for (let start = 0; start < rows.length; start += rowsPerStatement) {
    const some = rows.slice(start, start + rowsPerStatement);
    const tuples = some.map((_, row) => {
      return `(${columns.map((__, column) => `$${String(row * columns.length + column + 1)}`).join(', ')})`;
    });
    yield {
      sql: `INSERT INTO ${quoted(stream)} (${columns.map(quoted).join(', ')}) VALUES ${tuples.join(', ')}`,
      parameters: some.flatMap((row) => columns.map((column) => parameterOf(row[column]))),
    };
  }
}

export function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}
