import { randomBytes } from 'node:crypto';
import type { RedisEndpoint } from '@sqlflow/service-runtime';
import { endpointOf } from '../../endpoints.js';
import { leaseKeyspace } from '../../lease/keyspace.js';
import { RedisSession } from '../../lease/redis-session.js';
import { closedPort } from '../closed-port.js';
import type { FailingEndpoint, SourceFixture } from '../source/source-fixture.js';

/** Where keys are. */
export interface KeysEndpoint extends RedisEndpoint {
  /** The number of the logical database. */
  readonly keysOf: number;
}

const commandTimeoutMs = 5_000;
/** The most that a connector can ask for; servers have 16 unless told otherwise. */
const noSuchDatabase = 65_535;

/** A private key space on the Redis that `TEST_REDIS_*` name. It has no streams yet, only what a connection needs. */
export async function redisSourceFixture(): Promise<SourceFixture<KeysEndpoint>> {
  const lease = await leaseKeyspace();
  try {
    const endpoint: KeysEndpoint = { ...lease.endpoint, keysOf: 0 };
    const { password = '' } = endpoint;
    const outsider = `${lease.prefix}outsider`;
    using admin = await RedisSession.open(endpointOf('redis'));
    // It may connect and choose a database, and look at nothing.
    const rules = ['reset', 'on', `>${password}`, '-@all', '+@connection', '+info'];
    await admin.command(commandTimeoutMs, 'ACL', 'SETUSER', outsider, ...rules);
    const wrong = `canary-${randomBytes(12).toString('hex')}`;
    const failing: FailingEndpoint<KeysEndpoint>[] = [
      { stage: 'dns', code: 'host-not-found', endpoint: { ...endpoint, host: 'no-such-host.invalid' } },
      { stage: 'tcp', code: 'connection-refused', endpoint: { ...endpoint, port: await closedPort() } },
      { stage: 'authentication', code: 'authentication-failed', endpoint: { ...endpoint, password: wrong } },
      { stage: 'container', code: 'not-found', endpoint: { ...endpoint, keysOf: noSuchDatabase } },
      { stage: 'privilege', code: 'permission-denied', endpoint: { ...endpoint, username: outsider } },
    ];
    return {
      endpoint,
      secrets: [password, wrong],
      failing,
      [Symbol.asyncDispose]: async () => {
        try {
          using session = await RedisSession.open(endpointOf('redis'));
          await session.command(commandTimeoutMs, 'ACL', 'DELUSER', outsider);
        } finally {
          await lease[Symbol.asyncDispose]();
        }
      },
    };
  } catch (error) {
    await lease[Symbol.asyncDispose]();
    throw error;
  }
}
