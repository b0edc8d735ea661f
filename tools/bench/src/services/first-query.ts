import { connect } from 'node:net';
import { Client as ObjectStore } from 'minio';
import pg from 'pg';
import type {
  Endpoints,
  ObjectStoreEndpoint,
  PostgresEndpoint,
  RedisEndpoint,
} from '@sqlflow/service-runtime';

/** The first real query of a client of each service, on a connection of its own. */
export async function askAll(endpoints: Endpoints): Promise<void> {
  const { postgres, 'object-store': store, redis } = endpoints;
  await Promise.all([postgres && selectOne(postgres), store && listBuckets(store), redis && ping(redis)]);
}

/** Signs in and runs SELECT 1. */
export async function selectOne(endpoint: PostgresEndpoint): Promise<void> {
  await queryPostgres(endpoint, 'SELECT 1 AS one');
}

export async function queryPostgres(
  endpoint: PostgresEndpoint,
  sql: string,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const client = new pg.Client({ ...endpoint });
  client.on('error', () => undefined); // its server was ended; the query is answered already, or rejects
  try {
    await client.connect();
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    client.end().catch(() => undefined); // not awaited: the answer is here
  }
}

/** A signed ListBuckets. */
async function listBuckets({
  host,
  port,
  useTls,
  region,
  accessKey,
  secretKey,
}: ObjectStoreEndpoint): Promise<void> {
  const store = new ObjectStore({ endPoint: host, port, useSSL: useTls, region, accessKey, secretKey });
  await store.listBuckets();
}

export async function ping(endpoint: RedisEndpoint): Promise<void> {
  await askRedis(endpoint, 'PING', '+PONG');
}

/** Sends one command and gives all that came until the server closed. @throws if the answer holds no `expected` */
export function askRedis({ host, port }: RedisEndpoint, command: string, expected: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    let answer = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      answer += text;
    });
    socket.once('error', reject);
    socket.once('close', () => {
      if (answer.includes(expected)) resolve(answer);
      else reject(new Error(`Redis answered ${JSON.stringify(answer)}`));
    });
    socket.write(`${command}\r\nQUIT\r\n`);
  });
}
