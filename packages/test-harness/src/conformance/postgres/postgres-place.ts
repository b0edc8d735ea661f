import { randomBytes } from 'node:crypto';
import type { PostgresEndpoint } from '@sqlflow/service-runtime';
import { HarnessError } from '../../harness-error.js';
import { leaseDatabase, type LeasedDatabase } from '../../lease/database.js';
import { closedPort } from '../closed-port.js';
import type { FailingEndpoint } from '../source/source-fixture.js';

/**
 * A private database on the PostgreSQL that `TEST_POSTGRES_*` name, with a role of its own. The account of the server must be
 * allowed to create roles.
 */
export class PostgresPlace implements AsyncDisposable {
  /** Of the role. */
  readonly endpoint: PostgresEndpoint;
  readonly secrets: readonly string[];

  private constructor(
    /** As the account of the server. */
    readonly database: LeasedDatabase,
    private readonly roles: Roles,
    private readonly freePort: number,
  ) {
    this.endpoint = { ...database.endpoint, user: roles.user, password: roles.password };
    this.secrets = [roles.password, `wrong-${roles.password}`];
  }

  /** @param grants - Statements that give the role, by its quoted name, what it may do. */
  static async lease(grants: (role: string) => string): Promise<PostgresPlace> {
    const database = await leaseDatabase();
    try {
      const roles = await createRoles(database);
      await database.query(`REVOKE ALL ON SCHEMA public FROM PUBLIC; ${grants(quoted(roles.user))}`);
      return new PostgresPlace(database, roles, await closedPort());
    } catch (error) {
      await database[Symbol.asyncDispose]();
      throw error;
    }
  }

  get failing(): readonly FailingEndpoint<PostgresEndpoint>[] {
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

  /** What the role does on the server, idle connections left out. */
  readonly activity = async (): Promise<readonly string[]> => {
    const sql = `SELECT state, query FROM pg_stat_activity WHERE usename = $1 AND state IS DISTINCT FROM 'idle'`;
    return (await this.database.query(sql, [this.roles.user])).map(({ state, query }) => {
      if (typeof state === 'string') return `${state}: ${String(query)}`;
      const user = this.database.endpoint.user;
      throw new HarnessError(
        'permission-denied',
        `"${user}" may not see what others do; grant it pg_read_all_stats`,
      );
    });
  };

  async [Symbol.asyncDispose](): Promise<void> {
    await using database = this.database;
    const { user, outsider } = this.roles;
    // What has been left open would keep the roles in use.
    const open = 'SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = ANY($1)';
    await database.query(open, [[user, outsider]]);
    for (const role of [user, outsider]) {
      await database.query(`DROP OWNED BY ${quoted(role)}; DROP ROLE ${quoted(role)}`);
    }
  }
}

/** Roles are of the whole server, so they carry the name of the lease, and go before it. */
interface Roles {
  readonly user: string;
  /** May connect, and use no schema. */
  readonly outsider: string;
  readonly password: string;
}

async function createRoles(database: LeasedDatabase): Promise<Roles> {
  const { database: name } = database.endpoint;
  const password = `canary-${randomBytes(12).toString('hex')}`;
  const roles = { user: `${name}_u`, outsider: `${name}_o`, password };
  await database.query(`
    CREATE ROLE ${quoted(roles.user)} LOGIN PASSWORD '${password}';
    CREATE ROLE ${quoted(roles.outsider)} LOGIN PASSWORD '${password}'`);
  return roles;
}

export function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}
