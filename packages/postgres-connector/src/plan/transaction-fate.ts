import type { Query } from './catalog.js';

/** Gives the transaction a number, as `id`, by which its fate can be asked for later. */
export const transactionId: Query = {
  sql: 'SELECT pg_catalog.pg_current_xact_id()::pg_catalog.text AS id',
  parameters: [],
};

/** `committed`, `aborted`, `in progress`, or NULL if that was too long ago, as `status`. */
export function transactionStatus(id: string): Query {
  return { sql: 'SELECT pg_catalog.pg_xact_status($1::pg_catalog.xid8) AS status', parameters: [id] };
}

/** Ends the process that runs a transaction whose client is gone, which the server may not have noticed. */
export function endTransaction(id: string): Query {
  return {
    sql: `SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity
      WHERE backend_xid = ($1::pg_catalog.xid8)::pg_catalog.xid AND pid <> pg_catalog.pg_backend_pid()`,
    parameters: [id],
  };
}
