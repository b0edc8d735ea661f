import type { Goal } from '../frame/result.js';
import type { Summary } from '../frame/statistics.js';
import { speedGoal } from '../postgres/speed-goal.js';
import { appendRow, appends, inserts, upsertRow, upserts } from './contenders.js';

/** @param all - By the names of the rows. What was left out has no goal. */
export function writeGoals(
  { append, upsert }: { readonly append: number; readonly upsert: number },
  all: Readonly<Record<string, Summary>>,
): readonly Goal[] {
  const appended = (what: string): Summary | undefined => all[appendRow(append, what)];
  const upserted = (what: string): Summary | undefined => all[upsertRow(upsert, what)];
  const psql = [appended(appends.psql)];
  const best = inserts.map(appended);
  return [
    ...speedGoal('speed of append, Arrow batches, of psql \\copy', appended(appends.batches), psql, 0.9),
    ...speedGoal('speed of append, row objects, of psql \\copy', appended(appends.rows), psql, 0.9),
    ...speedGoal('speed of append, Arrow batches, of the best INSERT', appended(appends.batches), best, 5),
    ...speedGoal('speed of append, row objects, of the best INSERT', appended(appends.rows), best, 5),
    ...speedGoal(
      'speed of upsert, of an upsert from unnest',
      upserted(upserts.batches),
      [upserted(upserts.unnest)],
      3,
    ),
  ];
}
