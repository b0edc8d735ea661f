import { randomBytes } from 'node:crypto';
import type { RedisEndpoint } from '@sqlflow/service-runtime';
import type { Redis } from 'ioredis';
import { within } from '../deadline.js';
import { endpointOf } from '../endpoints.js';
import { keepsLeases, recordEvent, stopwatch } from '../events.js';
import { accounts, createAccount, removeAccount } from './keyspace-account.js';
import { checkLeaseOptions, type LeaseOptions } from './lease-options.js';
import { Once } from './once.js';
import { newLeaseName, type Owner } from './owner.js';
import { thisProcess } from './process-identity.js';
import { connect, RedisSession, unconnected } from './redis-session.js';
import { sweep } from './sweep.js';

/** The keys with a prefix of one's own. Disposing removes them and the Redis user that guards them, once. */
export interface LeasedKeyspace extends AsyncDisposable {
  /** What every key and channel must begin with, `:` at the end included. */
  readonly prefix: string;
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
 * of this host left there.
 *
 * @throws HarnessError `service-unavailable`, `authentication-failed`, `permission-denied`, `timeout`,
 * `invalid-option`, or `refused` with what Redis said.
 * @throws `signal.reason` on abort; the key space is removed then.
 */
export async function leaseKeyspace(options: LeaseOptions = {}): Promise<LeasedKeyspace> {
  const { signal } = checkLeaseOptions(options, ['signal']);
  signal?.throwIfAborted();
  const tookMs = stopwatch();
  const server = endpointOf('redis');
  const here = await thisProcess();
  const name = newLeaseName(here, ':', keepsLeases());
  const account = { name, prefix: prefixOf(name), password: randomBytes(18).toString('base64url') };
  using admin = await RedisSession.open(server);
  if (sweeps.isFirst(`${server.host}:${String(server.port)}`)) await sweepKeyspaces(server, here);
  await createAccount(admin, account);
  const { host, port } = server;
  const endpoint = { host, port, username: name, password: account.password };
  const client = await unconnected(endpoint, {
    commandTimeout: commandTimeoutMs,
    connectTimeout: connectTimeoutMs,
    retryStrategy: (attempt) => (attempt > reconnects ? null : reconnectMs),
  });
  const lease = new Lease(server, account.prefix, endpoint, client);
  try {
    await within({ what: `connecting as ${name}`, ms: connectTimeoutMs, signal }, () => connect(client));
    recordEvent({ event: 'lease-taken', kind: 'keyspace', name, tookMs: tookMs() });
    return lease;
  } catch (error) {
    await lease[Symbol.asyncDispose]().catch(() => undefined);
    throw error;
  }
}

class Lease implements LeasedKeyspace {
  #disposal: Promise<void> | undefined;

  constructor(
    private readonly server: RedisEndpoint,
    readonly prefix: string,
    readonly endpoint: RedisEndpoint & { readonly username: string },
    readonly client: Redis,
  ) {}

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposal ??= this.#dispose();
    return this.#disposal;
  }

  async #dispose(): Promise<void> {
    const tookMs = stopwatch();
    const name = this.endpoint.username;
    this.client.disconnect();
    if (keepsLeases()) {
      recordEvent({ event: 'lease-kept', kind: 'keyspace', name });
      return;
    }
    await remove(this.server, name, removeTimeoutMs);
    recordEvent({ event: 'lease-returned', kind: 'keyspace', name, tookMs: tookMs() });
  }
}

async function remove(server: RedisEndpoint, name: string, timeoutMs: number): Promise<void> {
  using admin = await RedisSession.open(server);
  await within({ what: `removing key space ${name}`, ms: timeoutMs }, (signal) =>
    removeAccount(admin, { name, prefix: prefixOf(name) }, signal),
  );
}

async function sweepKeyspaces(server: RedisEndpoint, here: Owner): Promise<void> {
  // A connection of its own, which may be cut, and which may be left at another database than the first.
  using admin = await RedisSession.open(server);
  await sweep('redis', here, {
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
