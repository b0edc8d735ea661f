import { randomBytes } from 'node:crypto';
import type { RedisEndpoint } from '@sqlflow/service-runtime';
import type { Redis } from 'ioredis';
import { within } from '../deadline.js';
import { endpointOf, redisDatabases } from '../endpoints.js';
import { keepsFailed, keepsLeases, nowMs, recordEvent, stopwatch } from '../events.js';
import { HarnessError } from '../harness-error.js';
import { arrangeTheEnd } from './at-the-end.js';
import { accounts, createAccount, removeAccount } from './keyspace-account.js';
import { lockDatabase } from './keyspace-database.js';
import {
  keyspaceLeaks,
  newKeys,
  ownConnectionName,
  type OutsideKeys,
  outsideKeys,
} from './keyspace-leaks.js';
import { LeaseEnd } from './lease-end.js';
import { checkLeaseOptions, type LeakOption, type LeaseOptions } from './lease-options.js';
import { judgeHere } from './leftover.js';
import { redisLine } from './look-at.js';
import { Once } from './once.js';
import { newLeaseName } from './owner.js';
import { thisProcess } from './process-identity.js';
import { connect, RedisSession, unconnected } from './redis-session.js';
import { sweep } from './sweep.js';

export interface KeyspaceLeaseOptions extends LeaseOptions {
  /**
   * `prefix`: the keys that begin with a text, in every logical database; the user can reach no other key. `database`: a
   * logical database, for code that cannot do with a prefix; of those that `TEST_REDIS_DATABASES` names. @defaultValue `prefix`
   */
  readonly kind?: 'prefix' | 'database';
}

/** Keys of one's own. Disposing looks for leaks, then removes them and the Redis user that guards them, once. */
export interface LeasedKeyspace extends AsyncDisposable {
  /** What every key and channel must begin with, `:` at the end included. Empty for a logical database. */
  readonly prefix: string;
  /** The logical database to select. 0 for a key space that has a prefix. */
  readonly database: number;
  /** With a user of its own, to whom Redis answers `NOPERM` for any other key, and for what acts on the whole server. */
  readonly endpoint: RedisEndpoint;
  /** Connected as that user, and closed at disposal. It adds no prefix. A command may take 60 s. */
  readonly client: Redis;
}

const commandTimeoutMs = 60_000;
const connectTimeoutMs = 10_000;
const removeTimeoutMs = 60_000;
const reconnectMs = 50;
const reconnects = 20;
const sweeps = new Once();

/**
 * Creates a private key space on the Redis that `TEST_REDIS_*` name. The first call first removes what ended processes
 * of this host left there, and what others left long ago.
 *
 * @throws HarnessError `service-unavailable`, `authentication-failed`, `permission-denied`, `timeout`,
 * `invalid-option`, or `refused` with what Redis said.
 * @throws `signal.reason` on abort; the key space is removed then.
 */
export async function leaseKeyspace(options: KeyspaceLeaseOptions = {}): Promise<LeasedKeyspace> {
  const given = checkLeaseOptions(options, ['kind', 'signal', 'leaks']);
  const { signal, kind = 'prefix', leaks = 'fail' } = given;
  signal?.throwIfAborted();
  const tookMs = stopwatch();
  const server = endpointOf('redis');
  const databases = redisDatabases();
  if (kind === 'database' && databases.length === 0) throw noDatabases();
  arrangeTheEnd();
  const here = await thisProcess();
  const name = newLeaseName(here, ':', nowMs(), keepsLeases() || keepsFailed());
  const password = randomBytes(18).toString('base64url');
  using admin = await RedisSession.open(server);
  if (sweeps.isFirst(`${server.host}:${String(server.port)}`)) await sweepKeyspaces(server);
  const before = leaks === 'ignore' ? undefined : await outsideKeys(admin, here, databases);
  // First with the prefix in any case: there is a user to be swept before there is anything else.
  const prefix = prefixOf(name);
  await createAccount(admin, { name, password, scope: { prefix } });
  let client: Redis | undefined;
  try {
    const database = kind === 'prefix' ? 0 : await lockDatabase(admin, name, databases, signal);
    if (kind === 'database') await createAccount(admin, { name, password, scope: { database } });
    const endpoint = { host: server.host, port: server.port, username: name, password };
    client = await unconnected(endpoint, {
      db: database,
      connectionName: ownConnectionName,
      commandTimeout: commandTimeoutMs,
      connectTimeout: connectTimeoutMs,
      retryStrategy: (attempt) => (attempt > reconnects ? null : reconnectMs),
    });
    const own = { prefix: kind === 'prefix' ? prefix : '', database, endpoint, client };
    await within({ what: `connecting as ${name}`, ms: connectTimeoutMs, signal }, () => connect(own.client));
    recordEvent({ event: 'lease-taken', kind: 'keyspace', name, tookMs: tookMs() });
    return new Lease(server, own, { leaks, before, databases });
  } catch (error) {
    client?.disconnect();
    await remove(server, name, removeTimeoutMs).catch(() => undefined);
    throw error;
  }
}

type Own = Omit<LeasedKeyspace, typeof Symbol.asyncDispose> & {
  readonly endpoint: RedisEndpoint & { readonly username: string };
};

interface LeakCheck {
  readonly leaks: LeakOption;
  readonly before: OutsideKeys;
  readonly databases: readonly number[];
}

class Lease implements LeasedKeyspace {
  readonly prefix: string;
  readonly database: number;
  readonly endpoint: RedisEndpoint;
  readonly client: Redis;
  readonly #end: LeaseEnd;

  constructor(server: RedisEndpoint, own: Own, { leaks, before, databases }: LeakCheck) {
    ({ prefix: this.prefix, database: this.database, endpoint: this.endpoint, client: this.client } = own);
    const name = own.endpoint.username;
    this.#end = new LeaseEnd({
      kind: 'keyspace',
      name,
      leaks,
      findLeaks: async () => {
        using admin = await RedisSession.open(server);
        const found = await keyspaceLeaks(admin, name);
        if (before === undefined) return found;
        const after = await outsideKeys(admin, await thisProcess(), databases);
        return [...found, ...newKeys(before, after)];
      },
      close: () => {
        own.client.disconnect();
        return Promise.resolve();
      },
      remove: () => remove(server, name, removeTimeoutMs),
      lookAt: redisLine(server, own),
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#end.giveBack();
  }
}

function noDatabases(): HarnessError {
  return new HarnessError(
    'invalid-option',
    `kind is "database"; set TEST_REDIS_DATABASES to the logical databases that are for tests alone, such as "8-15"`,
  );
}

async function remove(server: RedisEndpoint, name: string, timeoutMs: number): Promise<void> {
  using admin = await RedisSession.open(server);
  await within({ what: `removing key space ${name}`, ms: timeoutMs }, (signal) =>
    removeAccount(admin, { name, prefix: prefixOf(name) }, signal),
  );
}

async function sweepKeyspaces(server: RedisEndpoint): Promise<void> {
  // A connection of its own, which may be cut, and which may be left at another database than the first.
  using admin = await RedisSession.open(server);
  await sweep('redis', await judgeHere(), {
    names: () => accounts(admin),
    remove: (name, signal) => removeAccount(admin, { name, prefix: prefixOf(name) }, signal),
  });
}

function prefixOf(name: string): string {
  return `${name}:`;
}

/** Removes a key space by its name. */
export async function removeKeyspaceOf(server: RedisEndpoint, name: string): Promise<void> {
  await remove(server, name, removeTimeoutMs);
}

export async function keyspaceNames(server: RedisEndpoint): Promise<string[]> {
  using admin = await RedisSession.open(server);
  return await accounts(admin);
}
