import { fromVariables } from '@sqlflow/service-runtime';
import { Redis } from 'ioredis';
import { Client as StoreClient } from 'minio';
import { Client } from 'pg';

/** What there is on the three servers, read without the harness. */
export interface Inventory {
  readonly databases: string[];
  readonly buckets: string[];
  readonly users: string[];
  readonly keys: string[];
}

export async function postgresAdmin(database?: string): Promise<Client> {
  const { postgres } = fromVariables(['postgres'], process.env);
  const client = new Client({ ...postgres, ...(database !== undefined && { database }) });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

export function redisAdmin(): Redis {
  const { redis } = fromVariables(['redis'], process.env);
  if (redis === undefined) throw new Error('no redis');
  return new Redis({ ...redis });
}

export function storeAdmin(): StoreClient {
  const store = fromVariables(['object-store'], process.env)['object-store'];
  if (store === undefined) throw new Error('no object-store');
  const { host: endPoint, port, useTls: useSSL, region, accessKey, secretKey } = store;
  return new StoreClient({ endPoint, port, useSSL, region, accessKey, secretKey });
}

export async function databases(): Promise<string[]> {
  const client = await postgresAdmin();
  const { rows } = await client.query<{ datname: string }>('SELECT datname FROM pg_database');
  await client.end();
  return rows.map(({ datname }) => datname);
}

/** Without the copies that are made ahead of need: nobody may connect to these. */
export async function handedOutDatabases(): Promise<string[]> {
  const client = await postgresAdmin();
  const { rows } = await client.query<{ datname: string }>(
    'SELECT datname FROM pg_database WHERE datallowconn',
  );
  await client.end();
  return rows.map(({ datname }) => datname);
}

/** Of the database that the server is entered by. */
export async function schemas(): Promise<string[]> {
  const client = await postgresAdmin();
  const { rows } = await client.query<{ nspname: string }>('SELECT nspname FROM pg_namespace');
  await client.end();
  return rows.map(({ nspname }) => nspname);
}

export async function buckets(): Promise<string[]> {
  return (await storeAdmin().listBuckets()).map(({ name }) => name);
}

export async function redisUsers(): Promise<string[]> {
  const client = redisAdmin();
  const users = (await client.call('ACL', 'USERS')) as string[];
  client.disconnect();
  return users;
}

/** The keys of the first four databases that have the prefix. */
export async function redisKeys(prefix: string): Promise<string[]> {
  const client = redisAdmin();
  const found: string[] = [];
  for (const database of [0, 1, 2, 3]) {
    await client.select(database);
    found.push(...(await client.keys(`${prefix}*`)));
  }
  client.disconnect();
  return found;
}
