import { ConnectorError, type Row } from '@sqlflow/connector-contract';
import { failureOf, shownFailure } from '../failure.js';
import { hostileNames } from '../hostile-names.js';
import { NonConformance, type Requirement } from '../requirement.js';
import { edgesOf } from '../source/edge-values.js';
import type { StreamSpec } from '../source/source-fixture.js';
import { batchesOf, batchOf } from './batches.js';
import {
  type DestinationBench,
  methodOf,
  requireStored,
  streamsOf,
  taken,
  writeRows,
} from './destination-bench.js';
import { eventRows, eventStream } from './event-stream.js';

const stream = eventStream('event');
const writesAtOnce = 8;

const append: Requirement<DestinationBench> = {
  title: 'append adds all rows to those that are there, whoever appends beside it',
  answers: [],
  check: async (bench) => {
    const { open, signal } = bench;
    const stream = eventStream('event', []);
    await streamsOf(bench).create(stream);
    const options = { mode: 'append', signal } as const;
    const destination = open();
    await writeRows(destination, stream, eventRows(1, 300), options);
    await requireStored(bench, stream, eventRows(1, 300), 'a first append');
    const generated = taken(batchesOf(stream, eventRows(301, 1000), 100));
    const { rows } = await methodOf(destination, 'write')(stream, generated, options);
    if (rows !== 700) throw new NonConformance(`an append of 700 rows reports ${rows}`);
    if (!generated.hasEnded) throw new NonConformance('the batches were not let go when all were written');
    const all = [...eventRows(1, 300), ...eventRows(301, 1000)];
    await requireStored(bench, stream, all, 'a second append');
    await writeRows(destination, stream, [], options);
    await requireStored(bench, stream, all, 'an append of nothing');
    const parts = Array.from({ length: writesAtOnce }, (_, nth) =>
      eventRows(2000 + 50 * nth, 2049 + 50 * nth),
    );
    const other = open();
    await Promise.all(
      parts.map((part, nth) => writeRows(nth % 2 === 0 ? destination : other, stream, part, options)),
    );
    await requireStored(bench, stream, [...all, ...parts.flat()], `${writesAtOnce} appends at once`);
    return `${all.length} rows by two appends, then ${writesAtOnce} appends at once by two destinations`;
  },
};

const types: Requirement<DestinationBench> = {
  title: 'every type is written as it is, at its edges too',
  answers: ['airbyte#7871', 'powersync-service#447', 'DataX#655'],
  check: async (bench) => {
    const streams = streamsOf(bench);
    const destination = bench.open();
    let values = 0;
    for (const kind of streams.kinds) {
      const rows = edgesOf(kind).map((value, index) => ({ id: BigInt(index), value }));
      const columns = [
        { name: 'id', kind: 'int64' },
        { name: 'value', kind, isNullable: true },
      ] as const;
      const edges = { name: `edge_${kind}`, columns, key: ['id'] };
      await streams.create(edges);
      await writeRows(destination, edges, rows, { mode: 'append', signal: bench.signal });
      await requireStored(bench, edges, rows, `writing ${kind}`);
      values += rows.length;
    }
    return `${values} values of ${streams.kinds.size} types`;
  },
};

const names: Requirement<DestinationBench> = {
  title: 'streams and columns with hostile names are written to as any other',
  answers: ['CVE-2022-31197'],
  check: async (bench) => {
    const streams = streamsOf(bench);
    const options = { signal: bench.signal };
    await streams.create(stream);
    await streams.insert('event', eventRows(1, 10));
    const columns = hostileNames.map((name) => ({ name, kind: 'text' }) as const);
    const row = Object.fromEntries(hostileNames.map((name, index) => [name, `value ${index}`]));
    const destination = bench.open();
    const wide = { name: 'columns', columns, key: [] };
    await streams.create(wide);
    await writeRows(destination, wide, [row], { ...options, mode: 'append' });
    await requireStored(bench, wide, [row], 'hostile column names');
    for (const name of hostileNames) {
      const said = JSON.stringify(name);
      const checkpoint = { format: 'conformance', version: 1, position: name };
      const own: StreamSpec = {
        name,
        columns: [
          { name, kind: 'text' },
          { name: 'more', kind: 'text' },
        ],
        key: [name],
      };
      const [old, renewed] = [keyedRow(name, 'old'), keyedRow(name, 'new')];
      await streams.create(own);
      await writeRows(destination, own, [old], { ...options, mode: 'replace', checkpoint });
      await requireStored(bench, own, [old], `stream ${said}, replaced`);
      await writeRows(destination, own, [renewed], { ...options, mode: 'upsert', key: [name] });
      await requireStored(bench, own, [renewed], `stream ${said}, upserted`);
      const committed = await methodOf(destination, 'committedCheckpoint')({ name }, bench.signal);
      if (committed?.position !== name)
        throw new NonConformance(`the checkpoint of stream ${said} is not found`);
    }
    await requireStored(bench, stream, eventRows(1, 10), 'a stream beside them');
    return `${hostileNames.length} names, each of a column, a key and a stream`;
  },
};

/** Not as a literal, in which a name such as `__proto__` is none. */
function keyedRow(key: string, more: string): Row {
  return Object.fromEntries([
    [key, 'key'],
    ['more', more],
  ]);
}

/** Batches that do not go with the stream. Each begins with some that could be taken for rows of it. */
const driftedBatches = {
  'a column that is not there': {
    columns: [...stream.columns, { name: 'surplus', kind: 'text', isNullable: true }],
    rows: eventRows(101, 148).map((row) => ({ ...row, surplus: null })),
  },
  'a column of another type': {
    columns: [{ name: 'id', kind: 'text' }, ...stream.columns.slice(1)],
    rows: eventRows(101, 148).map(({ id, ...row }, index) => ({
      ...row,
      id: index < 40 ? String(id) : 'a text',
    })),
  },
  'a column that must be there and is not': {
    columns: stream.columns.slice(0, 2),
    rows: eventRows(101, 148).map(({ id, name }) => ({ id, name })),
  },
} satisfies Record<string, Pick<StreamSpec, 'columns'> & { readonly rows: readonly object[] }>;

const drift: Requirement<DestinationBench> = {
  title: 'batches whose columns are not those of the stream are refused before anything is written',
  answers: ['airbyte#78427', 'airbyte#80920'],
  check: async (bench) => {
    await streamsOf(bench).create(stream);
    await streamsOf(bench).insert('event', eventRows(1, 10));
    const codes: string[] = [];
    for (const mode of ['append', 'replace', 'upsert'] as const) {
      for (const [what, { columns, rows }] of Object.entries(driftedBatches)) {
        const batches = taken(batchesOf({ columns }, rows, 4));
        codes.push(await refused(bench, batches, mode, what));
        // One to see its columns, and one that was on its way.
        if (batches.batches > 2) {
          throw new NonConformance(`${what} is refused after ${batches.batches} batches were taken`);
        }
      }
      const [first, second] = [eventRows(101, 110), eventRows(111, 120)];
      const surplus = { columns: [...stream.columns, { name: 'surplus', kind: 'text' } as const] };
      const changing = [
        batchOf(stream, first),
        batchOf(
          surplus,
          second.map((row) => ({ ...row, surplus: '' })),
        ),
      ];
      codes.push(await refused(bench, taken(changing), mode, 'a column that comes with the second batch'));
    }
    return `${codes.length} writes, refused as ${[...new Set(codes)].join(', ')}`;
  },
};

async function refused(
  bench: DestinationBench,
  batches: ReturnType<typeof taken>,
  mode: 'append' | 'replace' | 'upsert',
  what: string,
): Promise<string> {
  const key = mode === 'upsert' && { key: ['id'] };
  const { signal } = bench;
  await using destination = bench.open();
  const error = await failureOf(() =>
    methodOf(destination, 'write')(stream, batches, { mode, ...key, signal }),
  );
  await requireStored(bench, stream, eventRows(1, 10), `${mode}: ${what}`);
  if (error instanceof ConnectorError && error.kind === 'terminal' && error.effect === 'none')
    return error.code;
  const told = error === undefined ? 'a success' : shownFailure(error);
  throw new NonConformance(`${mode}: ${what} is told as ${told}`);
}

export const appendRequirements = {
  'append-adds-each-row-once': append,
  'types-at-their-edges': types,
  'hostile-names': names,
  'drift-is-refused': drift,
} as const;
