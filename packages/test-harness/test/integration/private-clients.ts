import type { PrivatePostgres, PrivateRedis } from '@sqlflow/test-harness';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { pause } from '../../src/deadline.js';

/** A client of a server that is about to be broken: what breaks the connection breaks the query, and not the process. */
export async function clientOf({ endpoint }: PrivatePostgres): Promise<Client> {
  const client = new Client({ ...endpoint });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** The same for Redis; it does not connect again. */
export async function redisOf({ endpoint }: PrivateRedis): Promise<Redis> {
  const once = { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 };
  const redis = new Redis({ ...endpoint, ...once });
  redis.on('error', () => undefined);
  await redis.connect();
  return redis;
}

export async function countOf(client: Client): Promise<unknown> {
  const { rows } = await client.query<{ n: number }>('SELECT count(*)::int AS n FROM event');
  return rows[0]?.n;
}

/** As long as nobody answers, before it is taken for silence. */
const silenceMs = 300;

/** What came, or `silence`. */
export async function answerOf(asked: Promise<unknown>): Promise<unknown> {
  return Promise.race([asked, pause(silenceMs).then(() => 'silence')]);
}
