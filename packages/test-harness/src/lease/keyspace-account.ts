import { createHash } from 'node:crypto';
import { releaseDatabase } from './keyspace-database.js';
import type { RedisSession } from './redis-session.js';

const commandTimeoutMs = 5_000;
const keysPerScan = 1_000;

/**
 * What a lease may do: all that touches only its own keys and channels. What acts on the whole server is left out:
 * administration, flushing, KEYS, functions and the cache of scripts. SCAN shows the names of other keys, as Redis
 * cannot limit it, and not their values.
 */
const rights = [
  '+@all -@admin -@dangerous +info +restore +sort +sort_ro',
  '-function -script +script|load +script|exists',
].flatMap((line) => line.split(' '));

/** What a lease may touch: the keys and channels with a prefix, in every database, or all keys of one database. */
export type Scope = { readonly prefix: string } | { readonly database: number };

/** Creates the Redis user `name`, or gives it another scope. */
export async function createAccount(
  admin: RedisSession,
  { name, password, scope }: { name: string; password: string; scope: Scope },
): Promise<void> {
  // The hash and not the password: nothing on the way or on the server can show it.
  const secret = `#${createHash('sha256').update(password).digest('hex')}`;
  const rules = ['reset', 'on', secret, ...rulesOf(scope)];
  await admin.command(commandTimeoutMs, 'ACL', 'SETUSER', name, ...rules);
}

function rulesOf(scope: Scope): string[] {
  if ('prefix' in scope) return [`~${scope.prefix}*`, `&${scope.prefix}*`, ...rights];
  // A connection begins in database 0, and keys cannot be limited by database: what is left out is to go elsewhere.
  return ['~*', '&*', ...rights, '-select', `+select|${String(scope.database)}`, '-move', '-copy'];
}

/** The names of all users. */
export async function accounts(admin: RedisSession): Promise<string[]> {
  return (await admin.command(commandTimeoutMs, 'ACL', 'USERS')) as string[];
}

/**
 * Removes a user, the keys with the prefix in every database, and all keys of the database that it has for itself. Does nothing if they are gone.
 * The user goes last: it is the record of the keys, for whoever has to finish this.
 */
export async function removeAccount(
  admin: RedisSession,
  { name, prefix }: { name: string; prefix: string },
  signal: AbortSignal,
): Promise<void> {
  // First of all its rights, so that a client that still runs adds nothing behind the scan.
  await admin.command(commandTimeoutMs, 'ACL', 'SETUSER', name, 'reset');
  await releaseDatabase(admin, name);
  for (const { number } of await databasesInUse(admin)) {
    await admin.command(commandTimeoutMs, 'SELECT', String(number));
    let cursor = '0';
    do {
      signal.throwIfAborted();
      const scan = ['SCAN', cursor, 'MATCH', `${prefix}*`, 'COUNT', String(keysPerScan)] as const;
      const [next, keys] = (await admin.commandInBytes(commandTimeoutMs, ...scan)) as [Buffer, Buffer[]];
      if (keys.length > 0) await admin.commandInBytes(commandTimeoutMs, 'UNLINK', ...keys);
      cursor = next.toString();
    } while (cursor !== '0');
  }
  await admin.command(commandTimeoutMs, 'ACL', 'DELUSER', name);
}

/** The databases that hold keys: a test may have written with SELECT to any of them. */
export async function databasesInUse(admin: RedisSession): Promise<{ number: number; keys: number }[]> {
  const info = (await admin.command(commandTimeoutMs, 'INFO', 'keyspace')) as string;
  return [...info.matchAll(/^db(\d+):keys=(\d+)/gm)].map(([, number, keys]) => ({
    number: Number(number),
    keys: Number(keys),
  }));
}
