// nx run bench:postgres-read: reading a table of PostgreSQL, beside psql and the drivers that Node has.
import { runBenchmark } from './frame/benchmark.js';
import { createEvents, execute, selectEvents } from './postgres/event-table.js';
import { enableTls } from './postgres/enable-tls.js';
import { rowsAsked } from './postgres/rows-asked.js';
import { memoryContenders, memoryViews, readContenders } from './postgres-read/contenders.js';
import { readGoals } from './postgres-read/goals.js';
import { whileLeased } from './services/lease-here.js';
import { scratchWorkspace } from './services/scratch-folder.js';

const defaultRounds = 5;
const defaultRows = 2_000_000;

const { rows, isRecorded } = rowsAsked(defaultRows);
using workspace = scratchWorkspace();

await runBenchmark(
  'postgres-read',
  (compare) =>
    whileLeased(workspace.path, ['postgres'], async ({ postgres }) => {
      if (postgres === undefined) throw new Error('PostgreSQL was leased and not offered');
      await createEvents(postgres, rows);
      await compare(readContenders(postgres, rows, await enableTls(postgres)));
      if (!isRecorded) return;
      const views = memoryViews.map((view) => `CREATE VIEW ${view.name} AS ${selectEvents(view.rows)}`);
      await execute(postgres, ...views);
      await compare(memoryContenders(postgres), 'once');
    }),
  (_, all) => readGoals(rows, all),
  defaultRounds,
  { otherOptions: ['rows'], isRecorded },
);
