// Writes the rows of one table into another in one way, and tells how long that took and how much memory this process held.
// The rows are read and made what the way takes before its time begins. Started by contenders.ts.

const { rows } = await import('@sqlflow/connector-contract');
const { postgresDestination, postgresSource } = await import('@sqlflow/postgres-connector');
const { way, server, subject } = JSON.parse(process.argv[2] ?? '');
const { host, port, user, password, database } = server;
const account = { host, port, user, password, database };
const target = { name: 'target' };
const types = {
  id: 'bigint',
  customer_id: 'int',
  email: 'text',
  amount: 'numeric',
  status: 'text',
  created_at: 'timestamptz',
  updated_at: 'timestamptz',
  attrs: 'jsonb',
  active: 'bool',
  score: 'float8',
};
const names = Object.keys(types);
const list = names.join(', ');
const typedList = Object.entries(types)
  .map(([name, type]) => `${name} ${type}`)
  .join(', ');
const insert = `INSERT INTO target (${list})`;
const onConflict = `ON CONFLICT (id) DO UPDATE SET ${names.map((name) => `${name} = excluded.${name}`).join(', ')}`;

const escapes = { '\\': '\\', '\t': 't', '\n': 'n', '\r': 'r' };

/** Each makes its input ready, and gives what writes it. */
const ways = {
  'append-batches': () => ofDestination(batches(), { mode: 'append' }),
  'append-rows': () => ofDestination(objects({}), { mode: 'append' }),
  'upsert-batches': () => ofDestination(batches(), { mode: 'upsert', key: ['id'] }),
  'copy-text': async () => {
    const all = await objects({ int64: 'text' });
    const { from } = await import('pg-copy-streams');
    const { pipeline } = await import('node:stream/promises');
    return ofPg((client) => pipeline(textLines(all), client.query(from(`COPY target (${list}) FROM STDIN`))));
  },
  'insert-values': () => multiRow(''),
  'upsert-values': () => multiRow(onConflict),
  'insert-unnest': () => unnest(''),
  'upsert-unnest': () => unnest(onConflict),
  'insert-json': async () => {
    const all = await objects({ int64: 'text' });
    const sql = `${insert} SELECT ${list} FROM json_to_recordset($1::json) AS r (${typedList})`;
    return ofPg((client) =>
      inSlices(all, 10_000, (slice) =>
        client.query({ name: 'write', text: sql, values: [JSON.stringify(slice)] }),
      ),
    );
  },
  'insert-postgres': async () => {
    const all = await objects({ int64: 'text', json: 'parsed' });
    const { default: postgres } = await import('postgres');
    return async () => {
      const client = postgres({ ...account, max: 1 });
      // 65,534 parameters are the most of a statement.
      await client.begin((sql) =>
        inSlices(all, 5000, (slice) => sql`INSERT INTO target ${sql(slice, names)}`),
      );
      await client.end();
    };
  },
};

async function multiRow(ending) {
  const all = await objects({ int64: 'text' });
  const count = 1000;
  const tuples = Array.from({ length: count }, (_, row) => {
    return `(${names.map((_, column) => `$${row * names.length + column + 1}`).join(', ')})`;
  });
  const text = (length) => `${insert} VALUES ${tuples.slice(0, length).join(', ')} ${ending}`;
  return ofPg((client) =>
    inSlices(all, count, (slice) => {
      const values = slice.flatMap((row) => names.map((name) => row[name]));
      return client.query({ name: `write ${slice.length}`, text: text(slice.length), values });
    }),
  );
}

async function unnest(ending) {
  const all = await objects({ int64: 'text' });
  const arrays = Object.values(types).map((type, column) => `$${column + 1}::${type}[]`);
  const text = `${insert} SELECT * FROM unnest(${arrays.join(', ')}) ${ending}`;
  return ofPg((client) =>
    inSlices(all, 10_000, (slice) => {
      const values = names.map((name) => slice.map((row) => row[name]));
      return client.query({ name: 'write', text, values });
    }),
  );
}

async function ofDestination(input, options) {
  const all = await input;
  return async () => {
    const destination = postgresDestination(account);
    if (way.endsWith('rows')) await destination.writeRows(target, all, options);
    else await destination.write(target, all, options);
    await destination[Symbol.asyncDispose]();
  };
}

/** In one transaction, since ours is one. */
async function ofPg(work) {
  const { default: pg } = await import('pg');
  return async () => {
    const client = new pg.Client(account);
    await client.connect();
    await client.query('BEGIN');
    await work(client);
    await client.query('COMMIT');
    await client.end();
  };
}

async function batches() {
  const source = postgresSource(account);
  const all = [];
  for await (const batch of source.read({ name: subject })) all.push(batch);
  await source[Symbol.asyncDispose]();
  return all;
}

async function objects(options) {
  const all = [];
  for await (const row of rows(await batches(), options)) all.push(row);
  return all;
}

async function inSlices(all, length, write) {
  for (let start = 0; start < all.length; start += length) await write(all.slice(start, start + length));
}

function* textLines(all) {
  const perChunk = 1000;
  for (let start = 0; start < all.length; start += perChunk) {
    yield all
      .slice(start, start + perChunk)
      .map((row) => `${names.map((name) => fieldText(row[name])).join('\t')}\n`)
      .join('');
  }
}

function fieldText(value) {
  if (value === null) return '\\N';
  return String(value).replaceAll(/[\\\t\n\r]/g, (character) => `\\${escapes[character]}`);
}
const run = await ways[way]();
const begin = performance.now();
await run();
const tookMs = performance.now() - begin;
const peakRssMb = process.resourceUsage().maxRSS / 1024;
process.stdout.write(JSON.stringify({ tookMs, peakRssMb }));
