import { pause } from '../deadline.js';
import { nowMs } from '../events.js';
import { databasesInUse } from './keyspace-account.js';
import { isLock, leasedDatabases } from './keyspace-database.js';
import { isKeptName, type Owner, readLeaseName } from './owner.js';
import type { RedisSession } from './redis-session.js';

const commandTimeoutMs = 5_000;
const graceMs = 1_000;
const checkMs = 20;
/** A server with more keys is not looked through for keys outside of all leases. */
const mostKeys = 1_000;

/** What the lease's own connection is called. A copy that a test makes of its client is called so too. */
export const ownConnectionName = 'test-harness';

/** Keys that belong to no lease, as `DATABASE KEY`. `undefined` where they cannot be told to be ours. */
export type OutsideKeys = ReadonlySet<string> | undefined;

/**
 * Names what a key space's user has left: connections, of which some may be within MULTI; and what it was refused: keys
 * and channels outside of the key space. Polled for 1 s while there are connections.
 */
export async function keyspaceLeaks(admin: RedisSession, user: string): Promise<string[]> {
  return [...(await connectionsOf(admin, user)), ...(await refusals(admin, user))];
}

/**
 * The keys that belong to no lease, in the databases that are for tests alone. Whose they are can be told only while no
 * other process has leases on the server, and is looked for only where there are at most 1000 keys.
 */
export async function outsideKeys(
  admin: RedisSession,
  here: Owner,
  databases: readonly number[],
): Promise<OutsideKeys> {
  const users = (await admin.command(commandTimeoutMs, 'ACL', 'USERS')) as string[];
  if (users.some((user) => isOfAnother(user, here))) return undefined;
  const found = new Set<string>();
  const leased = await leasedDatabases(admin);
  for (const { number, keys } of await databasesInUse(admin)) {
    if (!databases.includes(number) || leased.includes(number)) continue;
    if (keys > mostKeys) return undefined;
    await admin.command(commandTimeoutMs, 'SELECT', String(number));
    const scan = ['SCAN', '0', 'COUNT', String(10 * mostKeys)] as const;
    const [, names] = (await admin.command(commandTimeoutMs, ...scan)) as [string, string[]];
    for (const name of names) if (!isOfLease(name)) found.add(`${String(number)} ${name}`);
  }
  await admin.command(commandTimeoutMs, 'SELECT', '0');
  return found;
}

/** Names the keys that have come since. */
export function newKeys(before: OutsideKeys, after: OutsideKeys): string[] {
  if (before === undefined || after === undefined) return [];
  return [...after]
    .filter((key) => !before.has(key))
    .map((key) => {
      const [database = '', ...name] = key.split(' ');
      return `key ${JSON.stringify(name.join(' '))} outside of every key space, in database ${database}`;
    });
}

async function connectionsOf(admin: RedisSession, user: string): Promise<string[]> {
  const deadline = nowMs() + graceMs;
  for (;;) {
    const text = (await admin.command(commandTimeoutMs, 'CLIENT', 'LIST')) as string;
    const clients = text.trimEnd().split('\n').map(fieldsOf);
    const ofUser = clients.filter((client) => client.get('user') === user);
    const own = ofUser.find((client) => client.get('name') === ownConnectionName);
    const found = ofUser.filter((client) => client !== own || isInTransaction(client));
    if (found.length === 0 || nowMs() > deadline) {
      return found.map((client) => describe(client, client === own));
    }
    await pause(checkMs);
  }
}

function describe(client: ReadonlyMap<string, string>, isOwn: boolean): string {
  const name = client.get('name') ?? '';
  const who = isOwn
    ? "the lease's own connection"
    : `connection ${name === '' ? 'without a name' : JSON.stringify(name)}`;
  const at = `from ${String(client.get('addr'))}, in database ${String(client.get('db'))}`;
  const state = isInTransaction(client) ? ', within MULTI' : '';
  return `${who} ${at}${state}, last command ${String(client.get('cmd'))}`;
}

function isInTransaction(client: ReadonlyMap<string, string>): boolean {
  return Number(client.get('multi') ?? '-1') >= 0;
}

/** `id=3 addr=127.0.0.1:5000 name= …` */
function fieldsOf(line: string): ReadonlyMap<string, string> {
  return new Map(
    line.split(' ').map((field): [string, string] => {
      const at = field.indexOf('=');
      return [field.slice(0, at), field.slice(at + 1)];
    }),
  );
}

/** Redis remembers the last 128 refusals of all users. */
async function refusals(admin: RedisSession, user: string): Promise<string[]> {
  const entries = (await admin.command(commandTimeoutMs, 'ACL', 'LOG')) as unknown[][];
  return entries.flatMap((entry) => {
    const [reason, object, who, count] = ['reason', 'object', 'username', 'count'].map((field) =>
      String(entry[entry.indexOf(field) + 1]),
    );
    if (who !== user || (reason !== 'key' && reason !== 'channel')) return [];
    return [
      `refused: ${reason} ${JSON.stringify(object)} is outside of the key space (asked for ${String(count)} times)`,
    ];
  });
}

function isOfAnother(user: string, here: Owner): boolean {
  const owner = readLeaseName(user)?.owner;
  return owner !== undefined && (owner.place !== here.place || owner.pid !== here.pid);
}

/** A lease's key is its name, `:` and the rest. */
function isOfLease(key: string): boolean {
  const name = key.split(':', 6).join(':');
  return isLock(key) || readLeaseName(name) !== undefined || isKeptName(name);
}
