// Reads a table in one way, and tells how long that took and how much memory this process held. Started by contenders.ts.

const { way, server, subject } = JSON.parse(process.argv[2] ?? '');
const { host, port, user, password, database, ca } = server;
const account = { host, port, user, password, database };
const sql = `SELECT * FROM ${subject}`;
const rowsAtOnce = 10_000;

/** Each loads what it needs, and no more, since that is part of its memory. What it gives counts the rows that reach it. */
const ways = {
  arrow: () => ofSource(countBatches),
  tls: () => ofSource(countBatches),
  rows: async () => {
    const { rows } = await import('@sqlflow/connector-contract');
    return ofSource((source) => countEach(rows(source.read({ name: subject }))));
  },
  'rows-of': async () => {
    const { rowsOf } = await import('@sqlflow/connector-contract');
    return ofSource(async (source) => {
      let count = 0;
      for await (const batch of source.read({ name: subject })) {
        for (const row of rowsOf(batch)) count += row === undefined ? 0 : 1;
      }
      return count;
    });
  },
  partitions: () =>
    ofSource(async (source) => {
      const set = await source.partitions({ name: subject }, 2);
      const counts = await Promise.all(
        set.partitions.map((partition) => sumOfBatches(source.readPartition(partition))),
      );
      await set[Symbol.asyncDispose]();
      return counts.reduce((sum, count) => sum + count, 0);
    }),
  pg: () => ofPg(async (client) => (await client.query(sql)).rows.length),
  cursor: async () => {
    const { default: Cursor } = await import('pg-cursor');
    return ofPg(async (client) => {
      const cursor = client.query(new Cursor(sql));
      let count = 0;
      for (let read = await cursor.read(rowsAtOnce); read.length > 0; read = await cursor.read(rowsAtOnce)) {
        count += read.length;
      }
      return count;
    });
  },
  'query-stream': async () => {
    const { default: QueryStream } = await import('pg-query-stream');
    const options = { batchSize: rowsAtOnce, highWaterMark: rowsAtOnce };
    return ofPg((client) => countEach(client.query(new QueryStream(sql, [], options))));
  },
  postgres: async () => {
    const { default: postgres } = await import('postgres');
    return async () => {
      const client = postgres({ ...account, max: 1 });
      let count = 0;
      for await (const read of client.unsafe(sql).cursor(rowsAtOnce)) count += read.length;
      await client.end();
      return count;
    };
  },
};

async function ofSource(work) {
  const { postgresSource } = await import('@sqlflow/postgres-connector');
  const tls = ca === undefined ? 'disable' : { mode: 'verify-full', ca, serverName: 'localhost' };
  return async () => {
    const source = postgresSource({ ...account, tls });
    const count = await work(source);
    await source[Symbol.asyncDispose]();
    return count;
  };
}

async function ofPg(work) {
  const { default: pg } = await import('pg');
  return async () => {
    const client = new pg.Client(account);
    await client.connect();
    const count = await work(client);
    await client.end();
    return count;
  };
}

function countBatches(source) {
  return sumOfBatches(source.read({ name: subject }));
}

async function sumOfBatches(batches) {
  let count = 0;
  for await (const batch of batches) count += batch.numRows;
  return count;
}

async function countEach(all) {
  let count = 0;
  for await (const row of all) count += row === undefined ? 0 : 1;
  return count;
}

const run = await ways[way]();
const begin = performance.now();
const rows = await run();
const tookMs = performance.now() - begin;
const peakRssMb = process.resourceUsage().maxRSS / 1024;
process.stdout.write(JSON.stringify({ tookMs, rows, peakRssMb }));
