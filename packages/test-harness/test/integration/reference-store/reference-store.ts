import {
  type Checkpoint,
  ConnectorError,
  type SaveOptions,
  type StateStore,
  type StoredCheckpoint,
} from '@sqlflow/connector-contract';
import type { PostgresEndpoint } from '@sqlflow/service-runtime';
import { createHash } from 'node:crypto';
import { ReferenceSessions, unknownEffect } from '../reference-destination/reference-sessions.js';
import type { ReferenceSession } from '../reference/reference-session.js';
import type { StateStoreDefect } from './defects.js';

const table = 'public.reference_state';

/**
 * The simplest state store that meets every requirement, in PostgreSQL; or one that does a single thing wrong. It shows that
 * the suite can be passed, and that each of its requirements can fail.
 */
export class ReferenceStore implements StateStore {
  readonly #sessions: ReferenceSessions;

  constructor(
    endpoint: PostgresEndpoint,
    private readonly defect?: StateStoreDefect,
  ) {
    this.#sessions = new ReferenceSessions('state store', endpoint, {
      isDeaf: defect === 'abort-throws-the-reason',
      isTelling: defect === 'secrets-are-never-shown',
    });
  }

  load(name: string, signal?: AbortSignal): Promise<StoredCheckpoint | undefined> {
    return this.#during(signal, async (session) => {
      const [[found] = []] = await session.query(`SELECT to_regclass('${table}')::text`);
      return found == null ? undefined : await this.#find(session, name);
    });
  }

  async save(name: string, checkpoint: Checkpoint, options: SaveOptions): Promise<string> {
    if (this.defect === 'many-processes')
      return await oneAtATime(() => this.#save(name, checkpoint, options));
    try {
      return await this.#save(name, checkpoint, options);
    } catch (error) {
      const isUnknown = error instanceof ConnectorError && error.effect === 'unknown';
      if (this.defect !== 'own-save-is-a-conflict' || !isUnknown) throw error;
      return await this.#save(name, checkpoint, options);
    }
  }

  #save(name: string, checkpoint: Checkpoint, { replaces, signal }: SaveOptions): Promise<string> {
    const { defect } = this;
    const looksBefore = defect === 'one-of-many-saves' || defect === 'many-processes';
    return this.#during(signal, async (session) => {
      await createTable(session);
      if (looksBefore && (await this.#find(session, name))?.revision !== replaces) throw conflict();
      try {
        return await this.#write(session, name, checkpoint, replaces);
      } catch (error) {
        throw defect === 'lost-answers-are-unknown' ? error : unknownEffect(error);
      }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#sessions.close();
  }

  async #find(session: ReferenceSession, name: string): Promise<StoredCheckpoint | undefined> {
    const sql = `SELECT checkpoint, revision FROM ${table} WHERE name = $1`;
    const [[checkpoint, revision] = []] = await session.query(sql, [this.#kept(name)]);
    return checkpoint == null
      ? undefined
      : { checkpoint: JSON.parse(checkpoint) as Checkpoint, revision: `${revision}` };
  }

  async #write(
    session: ReferenceSession,
    name: string,
    checkpoint: Checkpoint,
    replaces: string | undefined,
  ): Promise<string> {
    const { defect } = this;
    const json = JSON.stringify(checkpoint);
    const text = defect === 'saved-is-loaded' ? Buffer.from(json, 'latin1').toString('latin1') : json;
    const next =
      defect === 'revisions-never-come-again'
        ? `'${createHash('sha256').update(json).digest('hex')}'`
        : `nextval('${table}_revision')::text`;
    const isAny =
      defect === 'one-of-many-saves' ||
      defect === 'many-processes' ||
      (defect === 'save-replaces-a-revision' && replaces === undefined);
    const set = `checkpoint = $2, revision = ${next}`;
    const sql = isAny
      ? `INSERT INTO ${table} VALUES ($1, $2, ${next}) ON CONFLICT (name) DO UPDATE SET ${set} RETURNING revision`
      : replaces === undefined
        ? `INSERT INTO ${table} VALUES ($1, $2, ${next}) ON CONFLICT (name) DO NOTHING RETURNING revision`
        : `UPDATE ${table} SET ${set} WHERE name = $1 AND revision = $3 RETURNING revision`;
    const values = [this.#kept(name), text];
    const [[revision] = []] = await session.query(
      sql,
      isAny || replaces === undefined ? values : [...values, replaces],
    );
    if (revision == null) throw conflict();
    return revision;
  }

  #kept(name: string): string {
    return this.defect === 'names-are-apart' ? name.slice(0, 63) : name;
  }

  async #during<T>(
    signal: AbortSignal | undefined,
    work: (session: ReferenceSession) => Promise<T>,
  ): Promise<T> {
    try {
      return await this.#sessions.during(signal, work);
    } catch (error) {
      const { defect } = this;
      if (defect === 'errors-have-codes' && error instanceof ConnectorError && error.cause)
        throw error.cause as Error;
      throw error;
    }
  }
}

async function createTable(session: ReferenceSession): Promise<void> {
  await session.query('BEGIN');
  // Of two that create a table at once one fails, IF NOT EXISTS or not.
  await session.query(`SELECT pg_advisory_xact_lock(hashtext('${table}'))`);
  await session.query(
    `CREATE TABLE IF NOT EXISTS ${table} (name text PRIMARY KEY, checkpoint text NOT NULL, revision text NOT NULL)`,
  );
  await session.query(`CREATE SEQUENCE IF NOT EXISTS ${table}_revision`);
  await session.query('COMMIT');
}

let last: Promise<unknown> = Promise.resolve();

/** In this process. */
function oneAtATime<T>(work: () => Promise<T>): Promise<T> {
  const own = last.then(work, work);
  last = own.catch(() => undefined);
  return own;
}

function conflict(): ConnectorError {
  return new ConnectorError('conflict', 'another revision is stored', { kind: 'terminal', effect: 'none' });
}
