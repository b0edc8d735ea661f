import pg from 'pg';
import { endpointsOf, type PostgresEndpoint, type ServiceOffer, systemClock } from '../../src/index.js';
import {
  ObjectStoreRefusal,
  requestObjectStore,
} from '../../src/service/object-store/object-store-request.js';
import { RedisReplyError, sendRedis } from '../../src/service/redis/redis-probe.js';
import { probeFor } from './probe-for.js';

const signal = new AbortController().signal;

/** Leaves a database, a bucket with an object, and a key. The name has small letters, digits and hyphens. */
export async function leaveMark(offers: readonly ServiceOffer[], name: string): Promise<void> {
  const { postgres, 'object-store': store, redis } = endpointsOf(offers);
  if (postgres) await query(postgres, `CREATE DATABASE "${name}"`);
  if (store) {
    await patiently(() => requestObjectStore(store, 'PUT', `/${name}`, signal));
    await patiently(() => requestObjectStore(store, 'PUT', `/${name}/object`, signal));
  }
  if (redis) await patiently(() => sendRedis(redis, [['SET', name, 'left']], signal));
}

/** @returns the services that hold what `leaveMark` left, in the order of the offers */
export async function findMark(offers: readonly ServiceOffer[], name: string): Promise<string[]> {
  const { postgres, 'object-store': store, redis } = endpointsOf(offers);
  const found = {
    postgres: async () => {
      const sql = `SELECT 1 FROM pg_database WHERE datname = '${name}'`;
      return postgres !== undefined && (await query(postgres, sql)).length === 1;
    },
    'object-store': async () => store !== undefined && (await isObject(store, `/${name}/object`)),
    redis: async () =>
      redis !== undefined &&
      (await patiently(() => sendRedis(redis, [['GET', name]], signal))).includes('left'),
  };
  const names = offers.map(({ service }) => service as keyof typeof found);
  const hits = await Promise.all(names.map((service) => found[service]()));
  return names.filter((_, index) => hits[index]);
}

async function isObject(store: Parameters<typeof requestObjectStore>[0], path: string): Promise<boolean> {
  try {
    await patiently(() => requestObjectStore(store, 'GET', path, signal));
    return true;
  } catch (error) {
    if (error instanceof ObjectStoreRefusal && error.status === 404) return false;
    throw error;
  }
}

/** Asks a server something as a client does, with the account of its endpoint; and sees that it knows no other. */
export async function signIn(offer: ServiceOffer): Promise<void> {
  const { postgres, 'object-store': store, redis } = endpointsOf([offer]);
  if (postgres) {
    const rows = await query(postgres, 'SELECT current_user, current_database()');
    expect(rows).toEqual([{ current_user: postgres.user, current_database: postgres.database }]);
    const stranger = query({ ...postgres, password: 'of nobody' }, 'SELECT 1');
    await expect(stranger).rejects.toMatchObject({ code: '28P01' });
  }
  if (store) {
    const { body } = await patiently(() => requestObjectStore(store, 'GET', '/', signal));
    expect(body).toContain('ListAllMyBucketsResult');
    const other = { ...store, secretKey: 'of nobody' };
    const stranger = patiently(() => requestObjectStore(other, 'GET', '/', signal));
    await expect(stranger).rejects.toMatchObject({ code: 'SignatureDoesNotMatch' });
  }
  if (redis) expect(await patiently(() => sendRedis(redis, [['PING']], signal))).toMatch(/^\+PONG/);
}

/** Whether a service that was offered answers. @returns its version */
export function stillAnswers(offer: ServiceOffer | undefined): Promise<string> {
  return patiently(() => probeFor(offer)(signal));
}

/** A busy machine may need long to answer. */
const answerWithinMs = 20_000;

async function query(endpoint: PostgresEndpoint, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ ...endpoint, connectionTimeoutMillis: answerWithinMs });
  client.on('error', () => undefined); // the query that it broke rejects
  try {
    await client.connect();
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Asks again when it takes too long, as a client does. What the server answers is the answer. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  const deadline = systemClock.nowMs() + answerWithinMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const isAnswer = error instanceof ObjectStoreRefusal || error instanceof RedisReplyError;
      if (isAnswer || systemClock.nowMs() > deadline) throw error;
      await systemClock.sleep(20);
    }
  }
}
