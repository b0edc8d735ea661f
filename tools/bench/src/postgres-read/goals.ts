import { goal } from '../frame/goals.js';
import type { Goal } from '../frame/result.js';
import type { Summary } from '../frame/statistics.js';
import { speedGoal } from '../postgres/speed-goal.js';
import { memoryRow, ours, peers, psqlRow, rowName } from './contenders.js';

const mostMiB = 200;
/** More garbage waits to be collected after many batches than after three; what grew with the rows would be a hundredfold. */
const flat = 2;

/** @param all - By the names of the rows. What was left out has no goal. */
export function readGoals(rows: number, all: Readonly<Record<string, Summary>>): readonly Goal[] {
  const of = (what: string): Summary | undefined => all[rowName(rows, what)];
  const psql = [of(psqlRow)];
  const drivers = Object.values(peers).map(of);
  const family = [peers.pg, peers.cursor, peers.queryStream].map(of);
  return [
    ...speedGoal(`speed of ${ours.arrow}, of psql`, of(ours.arrow), psql, 1),
    ...speedGoal(`speed of ${ours.arrow}, of the fastest driver`, of(ours.arrow), drivers, 2.3),
    ...speedGoal(`speed of ${ours.arrow}, of the fastest of the pg family`, of(ours.arrow), family, 4),
    ...speedGoal(`speed of ${ours.rowsOf}, of the fastest driver`, of(ours.rowsOf), drivers, 2),
    ...speedGoal(`speed of ${ours.rows}, of the fastest driver`, of(ours.rows), drivers, 2),
    ...speedGoal(`speed of ${ours.partitions}, of psql`, of(ours.partitions), psql, 1.4),
    ...memoryGoals(rows, all),
  ];
}

function memoryGoals(rows: number, all: Readonly<Record<string, Summary>>): readonly Goal[] {
  const [most, few, many] = [rowName(rows, ours.arrow), memoryRow.few, memoryRow.many].map(
    (row) => all[row]?.peakRssMb,
  );
  const peak = Math.max(most ?? 0, many ?? 0);
  return [
    goal(`peak memory of ${ours.arrow}`, { value: peak, unit: 'MiB' }, { atMost: mostMiB }),
    ...(few === undefined || many === undefined
      ? []
      : [
          goal(
            'peak memory with 20,000,000 rows, of that with 200,000',
            { value: many / few, unit: 'times' },
            { atMost: flat },
          ),
        ]),
  ];
}
