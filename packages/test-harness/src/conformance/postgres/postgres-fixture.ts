import type { Row } from '@sqlflow/connector-contract';
import type { PostgresEndpoint } from '@sqlflow/service-runtime';
import type { LeasedDatabase } from '../../lease/database.js';
import { PostgresSession } from '../../lease/postgres-session.js';
import type { FixtureTransaction, SourceFixture, StreamFixture } from '../source/source-fixture.js';
import { parameterOf, postgresTypes } from './column-values.js';
import { postgresFaults } from './postgres-faults.js';
import { PostgresPlace, quoted } from './postgres-place.js';

const statementTimeoutMs = 30_000;
/** PostgreSQL takes 65 535 parameters in a statement. */
const parametersPerStatement = 30_000;

/**
 * A private database on the PostgreSQL that `TEST_POSTGRES_*` name, with a role of its own: it may read what is there, and
 * nothing more. The account of the server must be allowed to create roles.
 */
export async function postgresSourceFixture(): Promise<SourceFixture<PostgresEndpoint>> {
  const place = await PostgresPlace.lease(
    (reader) => `
      GRANT USAGE ON SCHEMA public TO ${reader};
      ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO ${reader}`,
  );
  return {
    endpoint: place.endpoint,
    secrets: place.secrets,
    failing: place.failing,
    activity: place.activity,
    faults: postgresFaults,
    streams: new PostgresStreams(place.database),
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  };
}

/** The tables of a database, as its owner sees them. */
export class PostgresStreams implements StreamFixture {
  readonly kinds = new Set(Object.keys(postgresTypes) as (keyof typeof postgresTypes)[]);

  /** @param owner - The role that new tables belong to. @defaultValue that of the database */
  constructor(
    private readonly database: LeasedDatabase,
    private readonly owner = database.endpoint.user,
  ) {}

  async create({ name, columns, key }: Parameters<StreamFixture['create']>[0]): Promise<void> {
    const lines = columns.map(
      (column) =>
        `${quoted(column.name)} ${postgresTypes[column.kind]}${column.isNullable === true ? '' : ' NOT NULL'}`,
    );
    if (key.length > 0) lines.push(`PRIMARY KEY (${key.map(quoted).join(', ')})`);
    await this.database.query(`CREATE TABLE ${quoted(name)} (${lines.join(', ')});
      ALTER TABLE ${quoted(name)} OWNER TO ${quoted(this.owner)}`);
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

  async savepoint(): Promise<void> {
    await this.session.query('SAVEPOINT written', [], { timeoutMs: statementTimeoutMs });
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
