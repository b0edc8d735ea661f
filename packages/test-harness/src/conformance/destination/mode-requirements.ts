import type { Row } from '@sqlflow/connector-contract';
import { NonConformance, type Requirement } from '../requirement.js';
import { compareRows, requireRows } from '../rows-compare.js';
import type { StreamSpec } from '../source/source-fixture.js';
import { batchesOf } from './batches.js';
import {
  type DestinationBench,
  methodOf,
  requireStored,
  streamsOf,
  taken,
  writeRows,
} from './destination-bench.js';
import { eventRows, eventStream } from './event-stream.js';
import { whileLooking } from './looking.js';

const replace: Requirement<DestinationBench> = {
  title: 'replace is atomic: who reads beside it sees the rows before or those after, never some or none',
  answers: [],
  check: async (bench) => {
    const streams = streamsOf(bench);
    const stream = eventStream('event', []);
    await streams.create(stream);
    const states = [eventRows(1, 200, 'old'), eventRows(101, 300, 'new'), eventRows(1, 50, 'last'), []];
    await streams.insert('event', states[0] ?? []);
    const destination = bench.open();
    let looks = 0;
    for (const [nth, after] of states.slice(1).entries()) {
      const before = states[nth] ?? [];
      const look = async (): Promise<void> => {
        requireEither(await streams.rowsOf(stream), before, after);
        looks += 1;
      };
      await whileLooking(look, async (lookNow) => {
        const batches = taken(batchesOf(stream, after, 50), lookNow);
        await methodOf(destination, 'write')(stream, batches, { mode: 'replace', signal: bench.signal });
      });
      await requireStored(bench, stream, after, 'a replace');
    }
    return `${looks} looks beside ${states.length - 1} replaces, the last one by nothing`;
  },
};

function requireEither(seen: readonly Row[], before: readonly Row[], after: readonly Row[]): void {
  const differences = [before, after].map((rows) => {
    const { lost, repeated, strange } = compareRows(seen, rows);
    return lost.length + repeated.length + strange.length;
  });
  if (differences.includes(0)) return;
  throw new NonConformance(
    `a reader beside a replace saw ${seen.length} rows, ` +
      `which are neither the ${before.length} before nor the ${after.length} after`,
  );
}

const upsert: Requirement<DestinationBench> = {
  title: 'upsert replaces the rows of a key and adds the rest; the last of several with one key stays',
  answers: [],
  check: async (bench) => {
    const streams = streamsOf(bench);
    const options = { mode: 'upsert', key: ['id'], signal: bench.signal } as const;
    const stream = eventStream('event');
    await streams.create(stream);
    await streams.insert('event', eventRows(1, 100, 'old'));
    const destination = bench.open();
    // In one batch, in the next one, and far apart.
    const rows = [
      ...[...eventRows(91, 110, 'first'), ...eventRows(95, 96, 'same batch'), ...eventRows(101, 120, 'next')],
      ...[...eventRows(200, 240, 'far'), ...eventRows(91, 92, 'last'), ...eventRows(240, 240, 'last')],
    ];
    const report = await methodOf(destination, 'write')(stream, batchesOf(stream, rows, 22), options);
    if (report.rows !== rows.length)
      throw new NonConformance(`${rows.length} rows were taken, and ${report.rows} reported`);
    await requireStored(
      bench,
      stream,
      lastOfEach(['id'], [...eventRows(1, 100, 'old'), ...rows]),
      'an upsert',
    );
    await writeRows(destination, stream, [], options);
    const composite = compositeStream('composite');
    await streams.create(composite);
    await streams.insert('composite', compositeRows('old'));
    const key = ['second', 'first'];
    const renewed = compositeRows('new').slice(0, -1);
    await writeRows(destination, composite, renewed, { ...options, key });
    await requireStored(
      bench,
      composite,
      lastOfEach(key, [...compositeRows('old'), ...renewed]),
      'a key of two columns',
    );
    return `${rows.length} rows of ${lastOfEach(['id'], rows).length} keys on 100, and a key of two columns`;
  },
};

function compositeStream(name: string): StreamSpec {
  return {
    name,
    columns: [
      { name: 'first', kind: 'text' },
      { name: 'value', kind: 'text', isNullable: true },
      { name: 'second', kind: 'text' },
    ],
    key: ['first', 'second'],
  };
}

/** Keys whose parts, put one behind the other, would be the same. */
function compositeRows(value: string): Row[] {
  const keys = [
    ...[['1', '11'] as const, ['11', '1'] as const, ['1', ''] as const, ['', '1'] as const],
    ...[['1,1', '1'] as const, ['1', '1,1'] as const, ['"1', '1"'] as const, ['null', ''] as const],
  ];
  return keys.map(([first, second], index) => ({ first, value: index === 2 ? null : value, second }));
}

/** What stays of rows. */
export function lastOfEach(key: readonly string[], rows: readonly Row[]): Row[] {
  return [
    ...new Map(rows.map((row) => [JSON.stringify(key.map((name) => String(row[name]))), row])).values(),
  ];
}

const repeated: Requirement<DestinationBench> = {
  title: 'an upsert or replace that is made again changes nothing',
  answers: [],
  check: async (bench) => {
    const streams = streamsOf(bench);
    const { signal } = bench;
    const old = eventRows(1, 100, 'old');
    const renewed = eventRows(51, 150, 'new');
    for (const mode of ['upsert', 'replace'] as const) {
      const own = eventStream(`made_again_by_${mode}`, mode === 'upsert' ? ['id'] : []);
      await streams.create(own);
      await streams.insert(own.name, old);
      const expected = mode === 'replace' ? renewed : lastOfEach(['id'], [...old, ...renewed]);
      const destination = bench.open();
      const key = mode === 'upsert' && { key: ['id'] };
      for (const [time, by] of [destination, destination, bench.open()].entries()) {
        await writeRows(by, own, renewed, { mode, ...key, signal });
        requireRows(await streams.rowsOf(own), expected, `${mode}, time ${time + 1}`);
      }
    }
    return 'each three times, the third by another destination';
  },
};

export const modeRequirements = {
  'replace-is-atomic': replace,
  'upsert-by-key': upsert,
  'writes-can-be-repeated': repeated,
} as const;
