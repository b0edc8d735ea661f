import { type Checkpoint, ConnectorError, type Row } from '@sqlflow/connector-contract';
import { isDeepStrictEqual } from 'node:util';
import { NonConformance, type Requirement } from '../requirement.js';
import { requireRows } from '../rows-compare.js';
import { from, readIncrementally } from './incremental-read.js';
import { methodOf, type SourceBench, streamsOf } from './source-bench.js';
import type { ColumnKind, StreamSpec } from './source-fixture.js';

/** Most bytes of a checkpoint as JSON, however much was read. */
const checkpointBytes = 4096;

export function cursorStream(name: string, kind: ColumnKind, isNullable = false): StreamSpec {
  return {
    name,
    columns: [
      { name: 'id', kind: 'int64' },
      { name: 'cursor', kind, isNullable },
    ],
    key: ['id'],
  };
}

function rowsWith(cursors: readonly unknown[]): Row[] {
  return cursors.map((cursor, index) => ({ id: BigInt(index + 1), cursor }));
}

const onlyNew: Requirement<SourceBench> = {
  title: 'an incremental read gives all rows at first, then what is new or changed, and nothing twice',
  answers: ['airbyte#85918', 'dlt#971', 'dlt#1062'],
  check: async (bench) => {
    const streams = streamsOf(bench);
    const stream = cursorStream('growing', 'int64');
    await streams.create(stream);
    const source = bench.open();
    const options = { cursorField: 'cursor', batchRows: 64, signal: bench.signal };
    const first = rowsWith(Array.from({ length: 500 }, (_, index) => BigInt(index)));
    await streams.insert('growing', first);
    let { rows, checkpoint } = await readIncrementally(source, stream, options);
    requireRows(rows, first, 'the first read');
    ({ rows, checkpoint } = await readIncrementally(source, stream, { ...options, ...from(checkpoint) }));
    requireRows(rows, [], 'a read after which nothing is new');
    const more = Array.from({ length: 10 }, (_, index) => ({
      id: BigInt(1000 + index),
      cursor: BigInt(500 + index),
    }));
    await streams.insert('growing', more);
    await streams.update('growing', { id: 7n }, { cursor: 999n });
    ({ rows, checkpoint } = await readIncrementally(source, stream, { ...options, ...from(checkpoint) }));
    requireRows(rows, [...more, { id: 7n, cursor: 999n }], 'a read of ten new rows and one changed');
    ({ rows } = await readIncrementally(bench.open(), stream, { ...options, ...from(checkpoint) }));
    requireRows(rows, [], 'a read by another source, after which nothing is new');
    return `${String(first.length)} rows, 10 new, 1 changed`;
  },
};

const equalCursors: Requirement<SourceBench> = {
  title: 'rows with equal cursors are given once, wherever batches and reads end',
  answers: ['airbyte#10782', 'airbyte#14732', 'airbyte#80152', 'airbyte#85918', 'sling-cli#36', 'dlt#971'],
  check: async (bench) => {
    const streams = streamsOf(bench);
    const stream = cursorStream('ties', 'int64');
    await streams.create(stream);
    const rows = rowsWith(Array.from({ length: 60 }, (_, index) => BigInt(Math.floor(index / 20))));
    await streams.insert('ties', rows);
    for (const batchRows of [1, 7, 20]) {
      const options = { cursorField: 'cursor', batchRows, signal: bench.signal };
      requireRows(
        (await readIncrementally(bench.open(), stream, options)).rows,
        rows,
        `batches of ${String(batchRows)}`,
      );
      let checkpoint: Checkpoint | undefined;
      const all: Row[] = [];
      // Each batch by a read of its own. Many more than there are means that it does not come to an end.
      for (let reads = 0; reads <= rows.length; reads += 1) {
        const read = await readIncrementally(bench.open(), stream, {
          ...options,
          ...from(checkpoint),
          batches: 1,
        });
        ({ checkpoint } = read);
        if (read.rows.length === 0) break;
        all.push(...read.rows);
      }
      requireRows(all, rows, `reads that end after a batch of ${String(batchRows)}`);
    }
    return '60 rows of 3 cursors, in batches of 1, 7 and 20, in one read and in many';
  },
};

const precision: Requirement<SourceBench> = {
  title: 'cursors that differ by one microsecond, or beyond 2^53 by one, are told apart',
  answers: ['node-postgres#1200', 'DataX#655'],
  check: async (bench) => {
    const streams = streamsOf(bench);
    const series: Partial<Record<ColumnKind, readonly unknown[]>> = {
      timestamptz: micros('Z'),
      timestamp: micros(''),
      int64: Array.from({ length: 12 }, (_, index) => 2n ** 53n + BigInt(index)),
      decimal: Array.from(
        { length: 12 },
        (_, index) => `12345678901234567890.${String(index).padStart(9, '0')}`,
      ),
    };
    return (await readSeries(bench, streams, series)).join(', ');
  },
};

const cursorTypes: Requirement<SourceBench> = {
  title: 'a cursor may be a number, a date, a time, a text or a UUID',
  answers: [],
  check: async (bench) => {
    const numbers = Array.from({ length: 12 }, (_, index) => index);
    const series: Partial<Record<ColumnKind, readonly unknown[]>> = {
      int16: numbers,
      int32: numbers,
      date: numbers.map((day) => `2024-01-${String(day + 10)}`),
      text: ['', ' ', "'", '"', 'A', 'B', 'a', 'b', 'ä', '\\', '名', '🚀'],
      uuid: numbers.map((one) => `6f2c1a4e-0000-4000-8000-0000000000${one.toString(16).padStart(2, '0')}`),
    };
    return (await readSeries(bench, streamsOf(bench), series)).join(', ');
  },
};

function micros(zone: string): unknown[] {
  return Array.from(
    { length: 12 },
    (_, index) => `2024-01-31T10:00:00.123${String(index).padStart(3, '0')}${zone}`,
  );
}

/** Reads each series one row a read, each from the checkpoint of the one before. @returns the kinds that there are */
async function readSeries(
  bench: SourceBench,
  streams: ReturnType<typeof streamsOf>,
  series: Partial<Record<ColumnKind, readonly unknown[]>>,
): Promise<string[]> {
  const kinds = [...streams.kinds].filter((kind) => series[kind] !== undefined);
  for (const kind of kinds) {
    const stream = cursorStream(`by_${kind}`, kind);
    const rows = rowsWith(series[kind] ?? []);
    await streams.create(stream);
    const half = rows.length / 2;
    await streams.insert(stream.name, rows.slice(0, half));
    const all: Row[] = [];
    let checkpoint: Checkpoint | undefined;
    for (let reads = 0; reads <= rows.length + 1; reads += 1) {
      // The second half comes when the first has been read, so it matters what is taken for greater.
      if (reads === half) await streams.insert(stream.name, rows.slice(half));
      const options = {
        cursorField: 'cursor',
        batchRows: 1,
        batches: 1,
        ...from(checkpoint),
        signal: bench.signal,
      };
      const read = await readIncrementally(bench.open(), stream, options);
      ({ checkpoint } = read);
      if (read.rows.length === 0) break;
      all.push(...read.rows);
    }
    requireRows(all, rows, `a cursor of ${kind}, one row a read`);
  }
  return kinds;
}

const nullCursors: Requirement<SourceBench> = {
  title: 'rows whose cursor is NULL are given as was asked: once, always, never, or with an error',
  answers: [],
  check: async (bench) => {
    const streams = streamsOf(bench);
    const stream = cursorStream('gaps', 'int64', true);
    await streams.create(stream);
    const rows = rowsWith([null, 1n, null, 2n, 2n, null, 3n]);
    await streams.insert('gaps', rows);
    const set = rows.filter(({ cursor }) => cursor !== null);
    const unset = rows.filter(({ cursor }) => cursor === null);
    const modes = [
      { nullCursors: 'include-first', first: rows, second: [] },
      { nullCursors: 'always', first: rows, second: unset },
      { nullCursors: 'exclude', first: set, second: [] },
    ] as const;
    for (const { nullCursors, first, second } of modes) {
      const options = { cursorField: 'cursor', batchRows: 2, nullCursors, signal: bench.signal };
      const read = await readIncrementally(bench.open(), stream, options);
      requireRows(read.rows, first, `${nullCursors}, the first read`);
      const again = await readIncrementally(bench.open(), stream, { ...options, ...from(read.checkpoint) });
      requireRows(again.rows, second, `${nullCursors}, the second read`);
    }
    const options = { cursorField: 'cursor', nullCursors: 'error' } as const;
    const outcome = await readIncrementally(bench.open(), stream, options).then(
      ({ rows: given }) => `${String(given.length)} rows`,
      (error: unknown) => (error instanceof ConnectorError ? error.code : String(error)),
    );
    if (outcome !== 'invalid-data') throw new NonConformance(`with 'error', a NULL cursor gives ${outcome}`);
    return 'include-first, always, exclude, error';
  },
};

const everyCheckpoint: Requirement<SourceBench> = {
  title: 'whoever is killed after any batch goes on from its checkpoint, with no row lost or repeated',
  answers: ['airbyte#72936', 'airbyte#11661'],
  check: async (bench) => {
    const streams = streamsOf(bench);
    const stream = cursorStream('resumed', 'int64', true);
    await streams.create(stream);
    const cursors = Array.from({ length: 90 }, (_, index) =>
      index % 9 === 0 ? null : BigInt(Math.floor(index / 4)),
    );
    const rows = rowsWith(cursors);
    await streams.insert('resumed', rows);
    const options = { cursorField: 'cursor', batchRows: 5, signal: bench.signal };
    const whole = await readIncrementally(bench.open(), stream, options);
    for (const [index, checkpoint] of whole.checkpoints.entries()) {
      const before = whole.batches.slice(0, index + 1).flat();
      const rest = await readIncrementally(bench.open(), stream, { ...options, checkpoint });
      requireRows([...before, ...rest.rows], rows, `going on after batch ${String(index + 1)}`);
    }
    return `${String(whole.checkpoints.length)} checkpoints`;
  },
};

const checkpointJson: Requirement<SourceBench> = {
  title: 'a checkpoint is JSON of bounded size, and that of another stream or of no format is refused',
  answers: ['dlt#4030', 'dlt#2580'],
  check: async (bench) => {
    const streams = streamsOf(bench);
    const [stream, other] = [cursorStream('long', 'int64'), cursorStream('other', 'text')];
    for (const one of [stream, other]) await streams.create(one);
    await streams.insert('long', rowsWith(Array.from({ length: 10_000 }, () => 7n)));
    await streams.insert('other', rowsWith(['a']));
    let longest = 0;
    let last: Checkpoint | undefined;
    const options = { cursorField: 'cursor', batchRows: 500, signal: bench.signal };
    for await (const { checkpoint } of methodOf(bench.open(), 'readIncremental')(stream, options)) {
      const text = JSON.stringify(checkpoint);
      if (!isDeepStrictEqual(JSON.parse(text), checkpoint)) {
        throw new NonConformance(`a checkpoint becomes another in JSON: ${text}`);
      }
      longest = Math.max(longest, Buffer.byteLength(text));
      last = checkpoint;
    }
    if (last === undefined) throw new NonConformance('10,000 rows gave no checkpoint');
    if (longest > checkpointBytes) {
      throw new NonConformance(
        `a checkpoint of ${String(longest)} bytes; ${String(checkpointBytes)} are the most`,
      );
    }
    const foreign = [
      ['of another stream', last, other],
      ['of another format', { ...last, format: 'no/such-format' }, stream],
      ['of a later version', { ...last, version: last.version + 1000 }, stream],
    ] as const;
    for (const [what, checkpoint, on] of foreign) {
      const outcome = await readIncrementally(bench.open(), on, { ...options, checkpoint }).then(
        ({ rows }) => `accepted, with ${String(rows.length)} rows`,
        (error: unknown) => (error instanceof ConnectorError ? error.code : String(error)),
      );
      if (outcome !== 'invalid-option') throw new NonConformance(`a checkpoint ${what} is ${outcome}`);
    }
    return `${String(longest)} bytes at most, after 10,000 rows of one cursor`;
  },
};

export const cursorRequirements = {
  'incremental-gives-what-is-new': onlyNew,
  'equal-cursors': equalCursors,
  'cursor-precision': precision,
  'cursor-types': cursorTypes,
  'null-cursors': nullCursors,
  'resume-at-every-checkpoint': everyCheckpoint,
  'checkpoint-is-bounded-json': checkpointJson,
} as const;
