import { hostileNames } from '../hostile-names.js';
import { refusal } from '../refusal.js';
import { NonConformance, type Requirement } from '../requirement.js';
import { requireRows } from '../rows-compare.js';
import { edgesOf } from './edge-values.js';
import { methodOf, readRows, type SourceBench, streamsOf } from './source-bench.js';
import type { StreamSpec } from './source-fixture.js';

const events: StreamSpec = {
  name: 'event',
  columns: [
    { name: 'id', kind: 'int64' },
    { name: 'name', kind: 'text', isNullable: true },
    { name: 'at', kind: 'timestamptz' },
  ],
  key: ['id'],
};

const eventRows = Array.from({ length: 1000 }, (_, index) => ({
  id: BigInt(index + 1),
  name: index % 7 === 0 ? null : `event ${String(index)}`,
  at: `2024-01-31T10:00:00.${String(index % 3).padStart(6, '0')}Z`,
}));

const fullRead: Requirement<SourceBench> = {
  title: 'a full read gives each row once, and so does the next one',
  answers: [],
  check: async (bench) => {
    await streamsOf(bench).create(events);
    await streamsOf(bench).insert('event', eventRows);
    const source = bench.open();
    for (const time of ['the first', 'the second']) {
      requireRows(await readRows(source, events, { signal: bench.signal }), eventRows, `${time} full read`);
    }
    await streamsOf(bench).create({ ...events, name: 'empty' });
    requireRows(await readRows(source, { name: 'empty' }), [], 'a full read of an empty stream');
    return `${String(eventRows.length)} rows twice, and an empty stream`;
  },
};

const batchRows: Requirement<SourceBench> = {
  title: 'no batch is empty or has more rows than batchRows',
  answers: ['airbyte#69336'],
  check: async (bench) => {
    await streamsOf(bench).create(events);
    await streamsOf(bench).insert('event', eventRows);
    const sizes: number[] = [];
    for (const batchRows of [1, 7, 1000, 65_536]) {
      const read = methodOf(bench.open(), 'read')(events, { batchRows, signal: bench.signal });
      let rows = 0;
      for await (const { numRows } of read) {
        if (numRows === 0 || numRows > batchRows) {
          throw new NonConformance(
            `a batch of ${String(numRows)} rows, where batchRows is ${String(batchRows)}`,
          );
        }
        rows += numRows;
        sizes.push(numRows);
      }
      if (rows !== eventRows.length)
        throw new NonConformance(`${String(rows)} rows in batches of ${String(batchRows)}`);
    }
    return `${String(sizes.length)} batches of 1 to ${String(Math.max(...sizes))} rows`;
  },
};

const types: Requirement<SourceBench> = {
  title: 'every type survives at its edges',
  answers: [
    ...['airbyte#7871', 'powersync-service#447', 'DataX#655', 'node-postgres#1200', 'node-postgres#269'],
    'porsager/postgres#161',
  ],
  check: async (bench) => {
    const streams = streamsOf(bench);
    let values = 0;
    for (const kind of streams.kinds) {
      const rows = edgesOf(kind).map((value, index) => ({ id: BigInt(index), value }));
      const name = `edge_${kind}`;
      const columns = [
        { name: 'id', kind: 'int64' },
        { name: 'value', kind, isNullable: true },
      ] as const;
      await streams.create({ name, columns, key: ['id'] });
      await streams.insert(name, rows);
      requireRows(await readRows(bench.open(), { name }, { signal: bench.signal }), rows, `reading ${kind}`);
      values += rows.length;
    }
    return `${String(values)} values of ${String(streams.kinds.size)} types`;
  },
};

const projection: Requirement<SourceBench> = {
  title: 'the columns that are asked for come, in that order, and no others',
  answers: [],
  check: async (bench) => {
    await streamsOf(bench).create(events);
    await streamsOf(bench).insert('event', eventRows);
    const read = methodOf(bench.open(), 'read');
    for (const columns of [['at', 'id'], ['name'], ['id', 'name', 'at']]) {
      for await (const batch of read(events, { columns, signal: bench.signal })) {
        const came = batch.schema.fields.map(({ name }) => name);
        if (came.join() !== columns.join()) {
          throw new NonConformance(`asked for ${columns.join(', ')}; ${came.join(', ')} came`);
        }
      }
    }
    const expected = eventRows.map(({ at, id }) => ({ at, id }));
    const rows = await readRows(bench.open(), events, { columns: ['at', 'id'] });
    requireRows(rows, expected, 'reading two columns the other way round');
    const refused = await refusal(() => readRows(bench.open(), events, { columns: ['no_such_column'] }));
    if (refused !== 'invalid-option') throw new NonConformance(`an unknown column is told as ${refused}`);
    return 'three choices of columns, and one that is not there';
  },
};

const errors: Requirement<SourceBench> = {
  title: 'a stream that is not there, and a source that is closed, are told by their codes',
  answers: [],
  check: async (bench) => {
    await streamsOf(bench).create(events);
    const absent = await refusal(() => readRows(bench.open(), { name: 'no_such_stream' }));
    if (absent !== 'not-found') throw new NonConformance(`a stream that is not there is told as ${absent}`);
    const source = bench.open();
    await readRows(source, events);
    await source[Symbol.asyncDispose]();
    await source[Symbol.asyncDispose]();
    const closed = await refusal(() => readRows(source, events));
    if (closed !== 'closed') throw new NonConformance(`a source that is closed is told as ${closed}`);
    return 'not-found, closed';
  },
};

const names: Requirement<SourceBench> = {
  title: 'streams and columns with hostile names are read as any other',
  answers: ['CVE-2022-31197'],
  check: async (bench) => {
    const streams = streamsOf(bench);
    await streams.create(events);
    await streams.insert('event', eventRows.slice(0, 10));
    const columns = hostileNames.map((name) => ({ name, kind: 'text' }) as const);
    const row = Object.fromEntries(hostileNames.map((name, index) => [name, `value ${String(index)}`]));
    await streams.create({ name: 'columns', columns, key: [] });
    await streams.insert('columns', [row]);
    const source = bench.open();
    requireRows(await readRows(source, { name: 'columns' }), [row], 'hostile column names');
    for (const name of hostileNames) {
      const column = await readRows(source, { name: 'columns' }, { columns: [name] });
      requireRows(column, [Object.fromEntries([[name, row[name]]])], `column ${JSON.stringify(name)}`);
      await streams.create({ name, columns: [{ name: 'id', kind: 'int64' }], key: ['id'] });
      await streams.insert(name, [{ id: 7n }]);
      requireRows(await readRows(source, { name }), [{ id: 7n }], `stream ${JSON.stringify(name)}`);
    }
    const found = (await methodOf(source, 'discover')(bench.signal)).map(({ name }) => name);
    const missing = hostileNames.filter((name) => !found.includes(name));
    if (missing.length > 0)
      throw new NonConformance(`discover does not tell of ${JSON.stringify(missing[0])}`);
    requireRows(await readRows(source, events), eventRows.slice(0, 10), 'a stream beside them');
    return `${String(hostileNames.length)} names, each of a column and of a stream`;
  },
};

export const readingRequirements = {
  'full-read-gives-each-row-once': fullRead,
  'batches-are-bounded': batchRows,
  'types-at-their-edges': types,
  projection,
  'errors-have-codes': errors,
  'hostile-names': names,
} as const;
