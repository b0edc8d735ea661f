import { inspect, parseArgs } from 'node:util';
import { leasedPostgres } from '../leased-postgres.js';
import { failuresOf, soak, type SoakReport } from './soak.js';

const usage = `Reads incrementally beside writers, through connections that break, and counts rows lost and repeated;
and reads the same in the usual ways, and counts what those lose and repeat.

  nx run postgres-connector:soak [--schedules=200] [--seed=S] [--parallel=4] [--json]

  --schedules  how many, from 1 (default 200)
  --seed       of the first, from 0 to 1000000000; each later one has the next (default: by the clock, and printed)
  --parallel   how many at a time, from 1 to 16 (default 4)
  --json       one JSON document at the end instead of text

Exit code: 0 the connector lost and repeated nothing, 1 it did, or a schedule broke off, 2 wrong options or no server,
130 it was interrupted and nothing was found by then, which is told all the same.
`;

interface Plan {
  readonly schedules: number;
  readonly seed: number;
  readonly parallel: number;
  readonly isJson: boolean;
}

function plan(args: readonly string[]): Plan | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      schedules: { type: 'string', default: '200' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
      parallel: { type: 'string', default: '4' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  return {
    schedules: wholeNumber('schedules', values.schedules, 1, 10_000_000),
    seed: wholeNumber('seed', values.seed, 0, 1_000_000_000),
    parallel: wholeNumber('parallel', values.parallel, 1, 16),
    isJson: values.json,
  };
}

function wholeNumber(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most && text.trim() !== '') return value;
  throw new RangeError(
    `--${name} is ${JSON.stringify(text)}; it must be a whole number from ${String(least)} to ${String(most)}`,
  );
}

function table({ schedules, rows, reads, cuts, ways }: SoakReport): string {
  const lines = [...ways].map(([name, way]) => {
    const strange = way.strange > 0 ? ` (and ${String(way.strange)} that were never committed)` : '';
    return `| ${name} | ${String(way.schedules)} | ${String(way.lost)}${strange} | ${String(way.repeated)} |`;
  });
  return [
    `${String(schedules)} schedules, ${String(rows)} rows; ${String(reads)} reads by the connector, ${String(cuts)} connections cut`,
    '',
    '| way of reading | schedules | rows lost | rows repeated |',
    '| --- | --: | --: | --: |',
    ...lines,
  ].join('\n');
}

async function run({ schedules, seed, parallel, isJson }: Plan): Promise<number> {
  await using lease = await leasedPostgres('soak');
  if (lease === undefined) return 2;
  if (!isJson) process.stderr.write(`seed ${String(seed)}\n`);
  const interrupted = new AbortController();
  process.once('SIGINT', () => {
    interrupted.abort(new Error('interrupted'));
  });
  let toldMs = performance.now();
  const report = await soak({
    schedules,
    seed,
    parallel,
    signal: interrupted.signal,
    onSchedule: (soFar) => {
      if (performance.now() - toldMs < 5_000) return;
      toldMs = performance.now();
      process.stderr.write(`${String(soFar.schedules)} of ${String(schedules)} schedules\n`);
    },
  });
  const ways = Object.fromEntries(report.ways);
  const brokenOff = report.brokenOff.map(({ seed: broken, error }) => ({
    seed: broken,
    error: inspect(error),
  }));
  process.stdout.write(`${isJson ? JSON.stringify({ seed, ...report, ways, brokenOff }) : table(report)}\n`);
  const failures = failuresOf(report);
  for (const [name, { failedSeeds }] of isJson ? [] : failures) {
    const [first] = failedSeeds;
    process.stderr.write(
      `${name}: failed with the seeds ${failedSeeds.slice(0, 10).join(', ')}; again: nx run postgres-connector:soak --schedules=1 --seed=${String(first)}\n`,
    );
  }
  for (const broken of isJson ? [] : brokenOff) {
    process.stderr.write(`the schedule with the seed ${String(broken.seed)} broke off: ${broken.error}\n`);
  }
  if (failures.length + brokenOff.length > 0) return 1;
  return interrupted.signal.aborted ? 130 : 0;
}

async function main(): Promise<number> {
  let chosen: Plan | undefined;
  try {
    chosen = plan(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    return 2;
  }
  if (chosen !== undefined) return run(chosen);
  process.stdout.write(usage);
  return 0;
}

process.exitCode = await main();
