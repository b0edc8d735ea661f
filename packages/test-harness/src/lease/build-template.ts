import type { PostgresEndpoint } from '@sqlflow/service-runtime';
import { within } from '../deadline.js';
import { nowMs } from '../events.js';
import { errorCodeOf, HarnessError, messageOf } from '../harness-error.js';
import { createDatabase, dropDatabase, quoted, untilUnused } from './create-database.js';
import type { Judge } from './leftover.js';
import { newLeaseName } from './owner.js';
import { PostgresSession } from './postgres-session.js';
import { sessionsOn } from './postgres-sessions.js';
import { thisProcess } from './process-identity.js';
import { type DatabaseTemplate, hashOf, type SqlFile, sqlFilesOf } from './template.js';

const statementTimeoutMs = 5_000;
/** Of the set-up function, and of one SQL file. */
const setUpTimeoutMs = 120_000;
/** Long enough for somebody else to build it: files and set-up. */
const lockTimeoutMs = 2 * setUpTimeoutMs;

/** The last use is written down this often, so that writing it does not become a cost of each process. */
const noteUseMs = 3_600_000;

const duplicateDatabase = '42P04';
const namePattern = '^test_template_[0-9a-f]{20}$';

/**
 * Finds the database of a template, or builds it: one builder for all processes, the others wait. It is built under the
 * name of a lease, and gets its own at the end, in one step: a half-built one is never seen, and what a killed builder
 * leaves is swept like any lease. At the end nobody may connect to it, so nothing stands in the way of a copy.
 *
 * @returns its name.
 * @throws HarnessError `template-failed` with what the set-up threw; nothing of that is remembered.
 */
export async function templateDatabase(
  server: PostgresEndpoint,
  template: DatabaseTemplate,
): Promise<string> {
  const files = await sqlFilesOf(template);
  const name = `test_template_${await hashOf(template, files, server.user)}`;
  if (await isThere(server, template, name)) return name;
  // A session of its own: the lock is that of the session, and goes with it.
  await using session = await PostgresSession.open(server);
  await session.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [name], {
    timeoutMs: lockTimeoutMs,
  });
  if (!(await isThere(server, template, name))) await build(session, server, template, files, name);
  return name;
}

async function build(
  session: PostgresSession,
  server: PostgresEndpoint,
  template: DatabaseTemplate,
  files: readonly SqlFile[],
  name: string,
): Promise<void> {
  const temporary = newLeaseName(await thisProcess(), '_', nowMs());
  await createDatabase(session, { server, name: temporary });
  try {
    await setUp({ ...server, database: temporary }, template, files);
    await untilUnused(session, temporary, undefined);
    for (const statement of [
      `ALTER DATABASE ${quoted(temporary)} ALLOW_CONNECTIONS false`,
      noteUse(temporary, template.name),
      `ALTER DATABASE ${quoted(temporary)} RENAME TO ${quoted(name)}`,
    ]) {
      await session.query(statement, [], { timeoutMs: statementTimeoutMs });
    }
  } catch (error) {
    // What cannot be dropped now is swept when this process has ended.
    await sessionsOn(server)
      .use((admin) => dropDatabase(admin, temporary))
      .catch(() => undefined);
    // Somebody who is entered by another database, and so has another lock, has built it meanwhile.
    if (errorCodeOf(error) !== duplicateDatabase) throw error;
  }
}

async function setUp(
  endpoint: PostgresEndpoint,
  template: DatabaseTemplate,
  files: readonly SqlFile[],
): Promise<void> {
  await using session = await PostgresSession.open(endpoint);
  const limit = { timeoutMs: setUpTimeoutMs };
  const said = (what: string, cause: unknown) =>
    new HarnessError(
      'template-failed',
      `template "${template.name}" cannot be built: ${what}: ${messageOf(cause)}`,
      { cause },
    );
  for (const { path, sql } of files) {
    await session.query(sql, [], limit).catch((cause: unknown) => {
      throw said(path, cause);
    });
  }
  const run = template.setUp;
  if (run === undefined) return;
  const query = (sql: string, parameters: readonly unknown[] = []) => session.query(sql, parameters, limit);
  await within({ what: 'setUp', ms: setUpTimeoutMs }, async () => {
    await run({ endpoint, query });
  }).catch((cause: unknown) => {
    throw said('setUp', cause);
  });
}

/** Looks whether a template is there, and notes once in a while that it is used. */
async function isThere(server: PostgresEndpoint, template: DatabaseTemplate, name: string): Promise<boolean> {
  return sessionsOn(server).use(async (session) => {
    const found = (await templates(session)).find((one) => one.name === name);
    if (found === undefined) return false;
    if (nowMs() - found.usedAtMs > noteUseMs) {
      await session.query(noteUse(name, template.name), [], { timeoutMs: statementTimeoutMs });
    }
    return true;
  });
}

/** What is written on a template: who made it, for people, and its last use, for the sweep. */
function noteUse(database: string, template: string): string {
  const note = `test-harness template ${JSON.stringify(template)}, last used ${new Date(nowMs()).toISOString()}`;
  return `COMMENT ON DATABASE ${quoted(database)} IS '${note.replaceAll("'", "''")}'`;
}

interface Built {
  readonly name: string;
  readonly usedAtMs: number;
}

/** The templates of this account: databases with such a name, and a note of their last use. */
async function templates(session: PostgresSession): Promise<Built[]> {
  const rows = await session.query(
    `SELECT datname, shobj_description(oid, 'pg_database') AS note FROM pg_database
      WHERE datname ~ $1 AND pg_has_role(datdba, 'MEMBER')`,
    [namePattern],
    { timeoutMs: statementTimeoutMs },
  );
  return rows.flatMap(({ datname, note }) => {
    const usedAtMs = Date.parse(/^test-harness template .*, last used (\S+)$/.exec(String(note))?.[1] ?? '');
    return Number.isNaN(usedAtMs) ? [] : [{ name: String(datname), usedAtMs }];
  });
}

/** The names of those that nobody has used for longer than the limit. */
export async function unusedTemplates(
  session: PostgresSession,
  { nowMs: now, maxAgeMs }: Judge,
): Promise<string[]> {
  return (await templates(session))
    .filter(({ usedAtMs }) => now - usedAtMs > maxAgeMs)
    .map(({ name }) => name);
}

/** Drops a template unless it is being built or has just been used again. */
export async function dropTemplate(session: PostgresSession, name: string, judge: Judge): Promise<void> {
  const limit = { timeoutMs: statementTimeoutMs };
  const lock = 'SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS locked';
  const [row] = await session.query(lock, [name], limit);
  if (row?.['locked'] !== true) return;
  try {
    if ((await unusedTemplates(session, judge)).includes(name)) await dropDatabase(session, name);
  } finally {
    await session.query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', [name], limit);
  }
}
