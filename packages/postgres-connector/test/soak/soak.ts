import { leaseDatabase } from '@sqlflow/test-harness';
import { setMaxListeners } from 'node:events';
import { Client } from 'pg';
import { type Ground, ownWays, runSchedule, type ScheduleResult } from './schedule.js';
import { usualStrategies } from './usual-reader.js';
import type { Verdict } from './written.js';

export interface SoakOptions {
  readonly schedules: number;
  /** Of the first schedule; each later one has the next. */
  readonly seed: number;
  /** How many schedules run at a time, each in a database of its own. */
  readonly parallel: number;
  readonly onSchedule?: (report: SoakReport) => void;
  /** Ends the soak: what was found by then is reported. */
  readonly signal: AbortSignal;
}

export interface WayReport extends Verdict {
  /** In which it was tried. */
  readonly schedules: number;
  /** In which it lost, repeated or made up a row. */
  readonly failedSeeds: readonly number[];
}

export interface SoakReport {
  readonly schedules: number;
  readonly rows: number;
  readonly reads: number;
  /** Connections that were cut in the middle. */
  readonly cuts: number;
  readonly ways: ReadonlyMap<string, WayReport>;
  /** Those that broke off, by something else than what they are about. They are in no other count. */
  readonly brokenOff: readonly { readonly seed: number; readonly error: unknown }[];
}

const nothing: WayReport = { schedules: 0, lost: 0, repeated: 0, strange: 0, failedSeeds: [] };
const writersEach = 4;

/** @throws What the leased databases fail by. */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  // All that runs at a time listens to it.
  setMaxListeners(0, options.signal);
  const names = [...Object.keys(ownWays), ...Object.keys(usualStrategies)];
  let report: SoakReport = {
    schedules: 0,
    rows: 0,
    reads: 0,
    cuts: 0,
    ways: new Map(names.map((name) => [name, nothing])),
    brokenOff: [],
  };
  let next = options.seed;
  const end = options.seed + options.schedules;
  const isGoingOn = (): boolean => next < end && !options.signal.aborted;
  const lane = async (): Promise<void> => {
    await using database = await leaseDatabase();
    const clients = Array.from({ length: writersEach + 1 }, () => new Client({ ...database.endpoint }));
    try {
      await Promise.all(clients.map((client) => client.connect()));
      const [client, ...writers] = clients;
      if (client === undefined) return;
      const ground: Ground = { endpoint: database.endpoint, client, writers };
      while (isGoingOn()) {
        const seed = next++;
        try {
          const result = await runSchedule(ground, seed, options.signal);
          report = add(report, result);
        } catch (error) {
          await rollBackPrepared(client);
          if (options.signal.aborted) return;
          report = { ...report, brokenOff: [...report.brokenOff, { seed, error }] };
          // What it left behind would be in the way of the next one.
          return;
        }
        options.onSchedule?.(report);
      }
    } finally {
      await Promise.all(clients.map((client) => client.end()));
    }
  };
  const lanes = async (): Promise<void> => {
    while (isGoingOn()) await lane();
  };
  await Promise.all(Array.from({ length: options.parallel }, lanes));
  return report;
}

/** A database with a prepared transaction is not dropped. */
async function rollBackPrepared(client: Client): Promise<void> {
  const { rows } = await client.query<{ readonly sql: string }>(
    `SELECT format('ROLLBACK PREPARED %L', gid) AS sql FROM pg_prepared_xacts WHERE database = current_database()`,
  );
  for (const { sql } of rows) await client.query(sql);
}

/** The connector's ways that lost, repeated or made up a row. */
export function failuresOf({ ways }: SoakReport): readonly [string, WayReport][] {
  return [...ways].filter(([name, { failedSeeds }]) => name in ownWays && failedSeeds.length > 0);
}

function add(report: SoakReport, { seed, rows, reads, cuts, verdicts }: ScheduleResult): SoakReport {
  const ways = new Map(report.ways);
  for (const [name, { lost, repeated, strange }] of verdicts) {
    const way = ways.get(name) ?? nothing;
    ways.set(name, {
      schedules: way.schedules + 1,
      lost: way.lost + lost,
      repeated: way.repeated + repeated,
      strange: way.strange + strange,
      failedSeeds: lost + repeated + strange > 0 ? [...way.failedSeeds, seed] : way.failedSeeds,
    });
  }
  return {
    ...report,
    schedules: report.schedules + 1,
    rows: report.rows + rows,
    reads: report.reads + reads,
    cuts: report.cuts + cuts,
    ways,
  };
}
