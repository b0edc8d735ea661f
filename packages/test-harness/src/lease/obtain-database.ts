import type { PostgresEndpoint } from '@sqlflow/service-runtime';
import { within } from '../deadline.js';
import { keepsFailed, keepsLeases, nowMs } from '../events.js';
import { errorCodeOf } from '../harness-error.js';
import { templateDatabase } from './build-template.js';
import { createDatabase, dropDatabase, openDatabase, untilUnused } from './create-database.js';
import { newLeaseName } from './owner.js';
import type { PostgresSession } from './postgres-session.js';
import type { PostgresSessions } from './postgres-sessions.js';
import { thisProcess } from './process-identity.js';
import type { DatabaseTemplate } from './template.js';
import { warmPool } from './warm-databases.js';

/** A builder's limits, added up. */
const buildTimeoutMs = 600_000;
const noDatabase = '3D000';
/** The databases of templates, found or being built, by server and template. */
const built = new Map<string, Map<DatabaseTemplate, Promise<string>>>();

/**
 * Makes a database for a lease, or takes one that was made ahead.
 *
 * @param template - A definition, the name of a database, or nothing for an empty one.
 * @returns its name, which is that of a lease.
 */
export async function obtainDatabase(
  sessions: PostgresSessions,
  template: DatabaseTemplate | string | undefined,
  signal: AbortSignal | undefined,
): Promise<string> {
  return typeof template === 'string'
    ? copyOf(sessions, template, signal)
    : madeAhead(sessions, template, signal);
}

/** A copy of a database that may change, as it is now. */
async function copyOf(
  sessions: PostgresSessions,
  template: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  return sessions.use(async (admin) => {
    await untilUnused(admin, template, signal);
    return create(admin, sessions.server, template, signal);
  }, signal);
}

/** A copy of what never changes: ready, or made now. */
async function madeAhead(
  sessions: PostgresSessions,
  template: DatabaseTemplate | undefined,
  signal: AbortSignal | undefined,
  mayRetry = true,
): Promise<string> {
  const source = template === undefined ? 'template0' : await buildOnce(sessions.server, template, signal);
  const pool = warmPool(sessions.server, source);
  try {
    const ready = await pool?.take(signal);
    if (ready !== undefined && (await isOpened(sessions, ready, signal))) return ready;
    return await sessions.use((admin) => create(admin, sessions.server, source, signal), signal);
  } catch (error) {
    if (template === undefined || errorCodeOf(error) !== noDatabase || !mayRetry) throw error;
    // Swept by somebody since it was found here: it had not been used for long.
    built.get(keyOf(sessions.server))?.delete(template);
    return await madeAhead(sessions, template, signal, false);
  } finally {
    pool?.refill();
  }
}

/** Opens what is ready. `false` if it is gone, as after a restart of the server. */
async function isOpened(
  sessions: PostgresSessions,
  name: string,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  try {
    await sessions.use((admin) => openDatabase(admin, name, signal), signal);
    return true;
  } catch (error) {
    if (errorCodeOf(error) === noDatabase) return false;
    await sessions.use((admin) => dropDatabase(admin, name)).catch(() => undefined);
    throw error;
  }
}

async function create(
  admin: PostgresSession,
  server: PostgresEndpoint,
  template: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  const name = newLeaseName(await thisProcess(), '_', nowMs(), keepsLeases() || keepsFailed());
  await createDatabase(admin, { server, name, template }, signal);
  return name;
}

/** All leases of a file wait for the same building. One that fails is forgotten, and tried again by the next lease. */
async function buildOnce(
  server: PostgresEndpoint,
  template: DatabaseTemplate,
  signal: AbortSignal | undefined,
): Promise<string> {
  const key = keyOf(server);
  const here = built.get(key) ?? new Map<DatabaseTemplate, Promise<string>>();
  built.set(key, here);
  let building = here.get(template);
  if (building === undefined) {
    building = templateDatabase(server, template);
    here.set(template, building);
    building.catch(() => here.delete(template));
  }
  const found = building;
  return within({ what: `building template "${template.name}"`, ms: buildTimeoutMs, signal }, () => found);
}

function keyOf(server: PostgresEndpoint): string {
  return JSON.stringify(server);
}
