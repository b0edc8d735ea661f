// nx run bench:postgres-write: writing a table of PostgreSQL, beside psql and the ways of INSERT.
import { join } from 'node:path';
import { runBenchmark } from './frame/benchmark.js';
import { createEvents, execute, writeEventsFile } from './postgres/event-table.js';
import { rowsAsked } from './postgres/rows-asked.js';
import { appendContenders, upsertContenders } from './postgres-write/contenders.js';
import { writeGoals } from './postgres-write/goals.js';
import { whileLeased } from './services/lease-here.js';
import { scratchWorkspace } from './services/scratch-folder.js';

const defaultRounds = 5;
const { rows, isRecorded } = rowsAsked(500_000);
const counts = { append: rows, upsert: (rows * 2) / 5 };

using workspace = scratchWorkspace();

await runBenchmark(
  'postgres-write',
  (compare) =>
    whileLeased(workspace.path, ['postgres'], async ({ postgres }) => {
      if (postgres === undefined) throw new Error('PostgreSQL was leased and not offered');
      const file = join(workspace.path, 'event.copy');
      await createEvents(postgres, rows);
      await writeEventsFile(postgres, file);
      await execute(
        postgres,
        'CREATE TABLE target (LIKE event INCLUDING ALL)',
        `CREATE UNLOGGED TABLE change AS SELECT * FROM event WHERE id <= ${counts.upsert}`,
        `UPDATE change SET status = 'returned', amount = amount + 1`,
        'VACUUM (FULL, ANALYZE) change',
      );
      await compare(appendContenders(postgres, counts.append, file));
      await compare(upsertContenders(postgres, counts.upsert));
    }),
  (_, all) => writeGoals(counts, all),
  defaultRounds,
  { otherOptions: ['rows'], isRecorded },
);
