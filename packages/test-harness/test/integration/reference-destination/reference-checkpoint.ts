import type { Checkpoint } from '@sqlflow/connector-contract';
import type { ReferenceSession } from '../reference/reference-session.js';

const table = 'public.reference_checkpoint';

/** Stores it with what else the session does in its transaction. */
export async function saveCheckpoint(
  session: ReferenceSession,
  stream: string,
  checkpoint: Checkpoint,
): Promise<void> {
  // Of two that create a table at once one fails, IF NOT EXISTS or not.
  await session.query(`SELECT pg_advisory_xact_lock(hashtext('${table}'))`);
  await session.query(
    `CREATE TABLE IF NOT EXISTS ${table} (stream text PRIMARY KEY, checkpoint text NOT NULL)`,
  );
  await session.query(
    `INSERT INTO ${table} VALUES ($1, $2) ON CONFLICT (stream) DO UPDATE SET checkpoint = excluded.checkpoint`,
    [stream, JSON.stringify(checkpoint)],
  );
}

export async function findCheckpoint(
  session: ReferenceSession,
  stream: string,
): Promise<Checkpoint | undefined> {
  const [[found] = []] = await session.query(`SELECT to_regclass('${table}')::text`);
  if (found == null) return undefined;
  const [[text] = []] = await session.query(`SELECT checkpoint FROM ${table} WHERE stream = $1`, [stream]);
  return text == null ? undefined : (JSON.parse(text) as Checkpoint);
}
