import { endpointsOf, type ServiceOffer } from '../../src/index.js';
import {
  ObjectStoreRefusal,
  requestObjectStore,
} from '../../src/service/object-store/object-store-request.js';
import { queryPostgres } from '../../src/service/postgres/postgres-probe.js';
import { sendRedis } from '../../src/service/redis/redis-probe.js';

const signal = new AbortController().signal;

/** Leaves a database, a bucket with an object, and a key. The name has small letters, digits and hyphens. */
export async function leaveMark(offers: readonly ServiceOffer[], name: string): Promise<void> {
  const { postgres, 'object-store': store, redis } = endpointsOf(offers);
  if (postgres) await queryPostgres(postgres, `CREATE DATABASE "${name}"`, signal);
  if (store) {
    await requestObjectStore(store, 'PUT', `/${name}`, signal);
    await requestObjectStore(store, 'PUT', `/${name}/object`, signal);
  }
  if (redis) await sendRedis(redis, [['SET', name, 'left']], signal);
}

/** @returns the services that hold what `leaveMark` left, in the order of the offers */
export async function findMark(offers: readonly ServiceOffer[], name: string): Promise<string[]> {
  const { postgres, 'object-store': store, redis } = endpointsOf(offers);
  const found = {
    postgres: async () => {
      const sql = `SELECT 1 FROM pg_database WHERE datname = '${name}'`;
      return postgres !== undefined && (await queryPostgres(postgres, sql, signal)).length === 1;
    },
    'object-store': async () => store !== undefined && (await isObject(store, `/${name}/object`)),
    redis: async () =>
      redis !== undefined && (await sendRedis(redis, [['GET', name]], signal)).includes('left'),
  };
  const names = offers.map(({ service }) => service as keyof typeof found);
  const hits = await Promise.all(names.map((service) => found[service]()));
  return names.filter((_, index) => hits[index]);
}

async function isObject(store: Parameters<typeof requestObjectStore>[0], path: string): Promise<boolean> {
  try {
    await requestObjectStore(store, 'GET', path, signal);
    return true;
  } catch (error) {
    if (error instanceof ObjectStoreRefusal && error.status === 404) return false;
    throw error;
  }
}

/** Which of them took the account of their endpoint, told the version they were offered as, and refused another account. */
export async function signIn(offer: ServiceOffer): Promise<void> {
  const { postgres, 'object-store': store, redis } = endpointsOf([offer]);
  if (postgres) {
    const rows = await queryPostgres(postgres, 'SELECT current_user, current_database()', signal);
    expect(rows).toEqual([{ current_user: postgres.user, current_database: postgres.database }]);
    const stranger = queryPostgres({ ...postgres, password: 'of nobody' }, 'SELECT 1', signal);
    await expect(stranger).rejects.toMatchObject({ code: '28P01' });
  }
  if (store) {
    const { body } = await requestObjectStore(store, 'GET', '/', signal);
    expect(body).toContain('ListAllMyBucketsResult');
    const stranger = requestObjectStore({ ...store, secretKey: 'of nobody' }, 'GET', '/', signal);
    await expect(stranger).rejects.toMatchObject({ code: 'SignatureDoesNotMatch' });
  }
  if (redis) expect(await sendRedis(redis, [['PING']], signal)).toMatch(/^\+PONG/);
}
