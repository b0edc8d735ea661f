// nx run bench:isolation: how long a test waits for a state of its own, beside the other ways to give it one.
import { toVariables } from '@sqlflow/service-runtime';
import { runBenchmark } from './frame/benchmark.js';
import { goal } from './frame/goals.js';
import { isolationContenders, rows } from './isolation/contenders.js';
import { whileLeased } from './services/lease-here.js';
import { scratchWorkspace } from './services/scratch-folder.js';

const defaultRounds = 10;

/** Medians in milliseconds, for a schema of 30 tables on a local PostgreSQL of the runtime. */
const goals = [
  { row: rows.pool, atMost: 5 },
  { row: rows.cold, atMost: 25 },
];

using workspace = scratchWorkspace();

await runBenchmark(
  'isolation',
  (compare) =>
    whileLeased(workspace.path, ['postgres'], async ({ postgres }) => {
      if (postgres === undefined) throw new Error('PostgreSQL was leased and not offered');
      Object.assign(process.env, toVariables({ postgres }));
      await using contenders = await isolationContenders(postgres);
      await compare(contenders);
    }),
  (summaryOf) =>
    goals.map(({ row, atMost }) => goal(row, { value: summaryOf(row).median, unit: 'ms' }, { atMost })),
  defaultRounds,
);
