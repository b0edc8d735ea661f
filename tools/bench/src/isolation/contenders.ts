import { execFile } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { PostgresEndpoint } from '@sqlflow/service-runtime';
import { endLeases, inTransaction, leaseDatabase, type LeasedDatabase } from '@sqlflow/test-harness';
import { Client } from 'pg';
import type { Contender } from '../frame/measure.js';
import { median, ms } from '../frame/statistics.js';
import { createTables, tableNames, writeRows } from './schema.js';
import { shop } from './shop.js';

export const rows = {
  pool: 'hand-out: ours, from the pool',
  cold: 'hand-out: ours, cold: none is ready, it is copied meanwhile',
  first:
    'hand-out: ours, cold, and the first of a new process: with the client, the connection and the sweep',
  pgtestdb: 'hand-out: the way of pgtestdb: CREATE DATABASE … TEMPLATE, default strategy, no pool',
  truncate: 'hand-out: TRUNCATE of the 30 tables, rows of the set-up not restored',
  schema: 'hand-out: a schema for each test: CREATE SCHEMA, 30 tables, 60 indexes, no rows',
} as const;
export const wholeRows = {
  pool: 'whole test: ours, from the pool',
  cold: 'whole test: ours, cold',
  pgtestdb: 'whole test: the way of pgtestdb',
  truncate: 'whole test: TRUNCATE',
  schema: 'whole test: a schema for each test',
  transaction: 'whole test: inTransaction on one database',
} as const;

/** Each sample is the median of so many in a row. */
const times = 5;
/** Long enough for a copy on a busy machine: what a short test takes. */
const testMs = 150;

/** What one test takes: until it has its state, and until it has written, read and given it back. */
interface Timed {
  readonly handOutMs: number;
  readonly wholeMs: number;
}

export async function isolationContenders(server: PostgresEndpoint): Promise<Contender[] & AsyncDisposable> {
  const base = await leaseDatabase({ template: shop, leaks: 'ignore' });
  const admin = await connected(server);
  const shared = await connected(base.endpoint);
  const template = await templateName(admin);
  const contenders: Contender[] = [
    {
      name: 'pool',
      run: async () => {
        // The first finds none ready if the pool has been idle.
        await oneOfOurs(() => leaseDatabase({ template: shop }), testMs);
        return timed(rows.pool, wholeRows.pool, () =>
          oneOfOurs(() => leaseDatabase({ template: shop }), testMs),
        );
      },
    },
    {
      name: 'cold',
      // By its name a database is copied as it is now, and so never ahead of need.
      run: () => timed(rows.cold, wholeRows.cold, () => oneOfOurs(() => leaseDatabase({ template }), 0)),
    },
    { name: 'first of a process', run: async () => ({ [rows.first]: ms(await firstOfProcess()) }) },
    {
      name: 'pgtestdb',
      run: () => timed(rows.pgtestdb, wholeRows.pgtestdb, () => byTemplate(admin, server, template)),
    },
    { name: 'truncate', run: () => timed(rows.truncate, wholeRows.truncate, () => byTruncate(shared)) },
    { name: 'schema', run: () => timed(rows.schema, wholeRows.schema, () => bySchema(shared)) },
    {
      name: 'transaction',
      run: async () => {
        const took: number[] = [];
        for (let time = 0; time < times; time += 1) {
          const begin = performance.now();
          await inTransaction(base, (client) => client.query('SELECT count(*) FROM t1'));
          took.push(performance.now() - begin);
        }
        return { [wholeRows.transaction]: ms(median(took)) };
      },
    },
  ];
  return Object.assign(contenders, {
    [Symbol.asyncDispose]: async () => {
      await Promise.all([admin.end(), shared.end()]);
      await endLeases();
    },
  });
}

async function timed(handOut: string, whole: string, once: () => Promise<Timed>) {
  const taken: Timed[] = [];
  for (let time = 0; time < times; time += 1) taken.push(await once());
  return {
    [handOut]: ms(median(taken.map(({ handOutMs }) => handOutMs))),
    [whole]: ms(median(taken.map(({ wholeMs }) => wholeMs))),
  };
}

async function oneOfOurs(lease: () => Promise<LeasedDatabase>, workMs: number): Promise<Timed> {
  const begin = performance.now();
  const database = await lease();
  const handedOut = performance.now();
  await database.query('SELECT count(*) FROM t1');
  const asked = performance.now();
  await wait(workMs);
  const done = performance.now();
  await database[Symbol.asyncDispose]();
  return { handOutMs: handedOut - begin, wholeMs: performance.now() - done + asked - begin };
}

/** With the maintenance connection open: the library opens one for each test. */
async function byTemplate(admin: Client, server: PostgresEndpoint, template: string): Promise<Timed> {
  const name = `bench_${String(process.pid)}`;
  const begin = performance.now();
  await admin.query(`CREATE DATABASE ${name} TEMPLATE ${template}`);
  const handedOut = performance.now();
  const client = await connected({ ...server, database: name });
  await client.query('SELECT count(*) FROM t1');
  await client.end();
  await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
  return { handOutMs: handedOut - begin, wholeMs: performance.now() - begin };
}

/** What one test has written is not counted, only its removal for the next. */
async function byTruncate(shared: Client): Promise<Timed> {
  await shared.query(`TRUNCATE ${tableNames.join(', ')}; ${writeRows}`);
  const begin = performance.now();
  await shared.query(`TRUNCATE ${tableNames.join(', ')}`);
  const handedOut = performance.now();
  await shared.query('SELECT count(*) FROM t1');
  return { handOutMs: handedOut - begin, wholeMs: performance.now() - begin };
}

async function bySchema(shared: Client): Promise<Timed> {
  const begin = performance.now();
  await shared.query(`CREATE SCHEMA bench; SET search_path = bench; ${createTables}`);
  const handedOut = performance.now();
  await shared.query('SELECT count(*) FROM t1');
  await shared.query('RESET search_path; SET client_min_messages = warning; DROP SCHEMA bench CASCADE');
  return { handOutMs: handedOut - begin, wholeMs: performance.now() - begin };
}

async function connected(endpoint: PostgresEndpoint): Promise<Client> {
  const client = new Client({ ...endpoint });
  await client.connect();
  return client;
}

async function templateName(admin: Client): Promise<string> {
  const sql = `SELECT datname FROM pg_database WHERE starts_with(datname, 'test_template_')`;
  const { rows: found } = await admin.query<{ datname: string }>(sql);
  const [only] = found;
  if (only === undefined || found.length > 1) throw new Error(`there are ${String(found.length)} templates`);
  return only.datname;
}

const program = fileURLToPath(new URL('./first-lease.ts', import.meta.url));
const loader = new URL('../../../source-loader/register-built.mjs', import.meta.url).href;

async function firstOfProcess(): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', loader, program]);
  return Number(stdout);
}
