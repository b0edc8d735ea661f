import { pause } from '../deadline.js';
import { HarnessError } from '../harness-error.js';
import type { RedisSession } from './redis-session.js';

const commandTimeoutMs = 5_000;
const retryMs = 100;
/** All may be leased for a moment, by other workers. */
const tries = 150;

/** Says in database 0 which lease has a logical database: its name. */
const lockPrefix = 'test:database:';

/**
 * Leases a logical database that holds nothing: its number is written down in Redis, so that no other process takes it.
 *
 * @param numbers - Those that are for tests alone.
 * @throws HarnessError `timeout` if none is free for 15 s.
 */
export async function lockDatabase(
  admin: RedisSession,
  name: string,
  numbers: readonly number[],
  signal: AbortSignal | undefined,
): Promise<number> {
  const free = numbers.filter((number) => number !== 0);
  for (let attempt = 0; attempt < tries; attempt += 1) {
    const count = await databaseCount(admin);
    for (const number of free.filter((one) => one < count)) {
      signal?.throwIfAborted();
      if (await isLocked(admin, name, number)) return number;
    }
    await pause(retryMs, signal);
  }
  throw new HarnessError(
    'timeout',
    `none of the ${String(free.length)} logical databases that TEST_REDIS_DATABASES names was free and empty; ` +
      'give back leases, or name more',
  );
}

/** Empties the logical database of a lease, and gives its number back. Does nothing if it has none. */
export async function releaseDatabase(admin: RedisSession, name: string): Promise<void> {
  for (const number of await leasedDatabases(admin)) {
    const lock = lockOf(number);
    if ((await admin.command(commandTimeoutMs, 'GET', lock)) !== name) continue;
    // It was empty when it was leased, and is for tests alone.
    await select(admin, number);
    await admin.command(commandTimeoutMs, 'FLUSHDB', 'ASYNC');
    await select(admin, 0);
    await admin.command(commandTimeoutMs, 'DEL', lock);
  }
}

/** The numbers that are leased, by whomever. */
export async function leasedDatabases(admin: RedisSession): Promise<number[]> {
  await select(admin, 0);
  const numbers: number[] = [];
  let cursor = '0';
  do {
    const scan = ['SCAN', cursor, 'MATCH', `${lockPrefix}*`, 'COUNT', '1000'] as const;
    const [next, locks] = (await admin.command(commandTimeoutMs, ...scan)) as [string, string[]];
    numbers.push(...locks.map((lock) => Number(lock.slice(lockPrefix.length))));
    cursor = next;
  } while (cursor !== '0');
  return numbers;
}

/** Whether a key of database 0 is such a lock. */
export function isLock(key: string): boolean {
  return key.startsWith(lockPrefix);
}

function lockOf(number: number): string {
  return `${lockPrefix}${String(number)}`;
}

async function isLocked(admin: RedisSession, name: string, number: number): Promise<boolean> {
  const lock = lockOf(number);
  await select(admin, 0);
  if ((await admin.command(commandTimeoutMs, 'SET', lock, name, 'NX')) === null) return false;
  await select(admin, number);
  const size = await admin.command(commandTimeoutMs, 'DBSIZE');
  await select(admin, 0);
  if (size === 0) return true;
  // Somebody's keys: not ours to remove.
  await admin.command(commandTimeoutMs, 'DEL', lock);
  return false;
}

async function databaseCount(admin: RedisSession): Promise<number> {
  const [, count] = (await admin.command(commandTimeoutMs, 'CONFIG', 'GET', 'databases')) as string[];
  return Number(count);
}

async function select(admin: RedisSession, number: number): Promise<void> {
  await admin.command(commandTimeoutMs, 'SELECT', String(number));
}
