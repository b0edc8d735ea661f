import type { PostgresEndpoint } from '@sqlflow/service-runtime';
import { explain, postgresCodes } from '../../lease/explain.js';
import { PostgresSession } from '../../lease/postgres-session.js';

/** Which connections: those that all that is given is true of. Left out, all of them. */
export interface BackendFilter {
  /** The database that they are connected to. */
  readonly database?: string;
  readonly user?: string;
  /** What the client calls itself, `application_name`. */
  readonly applicationName?: string;
}

/** A backend ends within milliseconds, unless it is in the kernel. */
const endWithinMs = 5_000;
const statementWithinMs = 60_000;

/** Of clients only: those of the server itself are no connections. */
const sql = `
  SELECT pg_terminate_backend(pid, ${String(endWithinMs)}) AS ended FROM pg_stat_activity
  WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
    AND datname = coalesce($1, datname) AND usename = coalesce($2, usename)
    AND application_name = coalesce($3, application_name)`;

/** @returns how many were ended @throws HarnessError */
export async function terminateBackends(
  endpoint: PostgresEndpoint,
  { database, user, applicationName }: BackendFilter,
): Promise<number> {
  try {
    await using session = await PostgresSession.open(endpoint);
    const asked = [database ?? null, user ?? null, applicationName ?? null];
    const rows = await session.query(sql, asked, { timeoutMs: statementWithinMs });
    return rows.filter(({ ended }) => ended === true).length;
  } catch (error) {
    const where = `postgres at ${endpoint.host}:${String(endpoint.port)}`;
    throw explain(error, { doing: 'pg_terminate_backend', where, codes: postgresCodes });
  }
}
