import { parseArgs } from 'node:util';
import { pathToFileURL } from 'node:url';
import {
  endpointsOf,
  failureBox,
  findWorkspaceRoot,
  leaseServices,
  toVariables,
} from '@sqlflow/service-runtime';
import {
  postgresSourceFixture,
  type ScheduleResult,
  soakSource,
  type SoakReport,
} from '@sqlflow/test-harness/conformance';

const usage = `Reads incrementally beside writers, through links that break, and counts rows lost and repeated.

  nx run test-harness:soak [--minutes=1] [--schedules=N] [--seed=S] [--module=FILE] [--json]

  --minutes    how long to go on beginning schedules; more than 0 (default 1)
  --schedules  how many schedules instead
  --seed       of the first schedule, 0 to 4294967295 (default: by the clock, and printed)
  --module     a file that exports open(endpoint), the source to be tried (default: the reference source of the tests)
  --json       one JSON document at the end instead of text

Exit code: 0 nothing lost or repeated, 1 something was, 2 wrong options or no server.
`;

interface Plan {
  readonly seed: number;
  readonly untilMs: number;
  readonly schedules: number;
  readonly module: string | undefined;
  readonly isJson: boolean;
}

function plan(args: readonly string[]): Plan | string {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '1' },
      schedules: { type: 'string' },
      seed: { type: 'string', default: String(Date.now() % 2 ** 32) },
      module: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return usage;
  const [minutes, seed, schedules] = [values.minutes, values.seed, values.schedules ?? 'Infinity'].map(
    Number,
  );
  if (minutes === undefined || !(minutes > 0))
    throw new RangeError(`--minutes is ${values.minutes}; it must be more than 0`);
  if (seed === undefined || !Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) {
    throw new RangeError(`--seed is ${values.seed}; it must be a whole number from 0 to 4294967295`);
  }
  if (schedules === undefined || !(schedules >= 1)) {
    throw new RangeError(`--schedules is ${String(values.schedules)}; it must be a whole number from 1`);
  }
  const isCounted = values.schedules !== undefined;
  const untilMs = isCounted ? Infinity : performance.now() + minutes * 60_000;
  return { seed, untilMs, schedules, module: values.module, isJson: values.json };
}

async function soak({ seed, untilMs, schedules, module, isJson }: Plan): Promise<SoakReport> {
  const reference = new URL('../integration/child/open-reference.ts', import.meta.url).href;
  const loaded: unknown = await import(module === undefined ? reference : pathToFileURL(module).href);
  const { open } = loaded as { open: Parameters<typeof soakSource>[0]['open'] };
  const say = (line: string): void => {
    if (!isJson) process.stderr.write(`${line}\n`);
  };
  let toldMs = performance.now();
  return soakSource({
    open,
    lease: postgresSourceFixture,
    seed,
    goOn: (soFar) => soFar.schedules < schedules && performance.now() < untilMs,
    onSchedule: (result, soFar) => {
      if (hasFailed(result)) say(failed(result));
      if (performance.now() - toldMs < 5_000) return;
      toldMs = performance.now();
      say(line(soFar));
    },
  });
}

function hasFailed({ lost, repeated, strange, failure }: ScheduleResult): boolean {
  return lost + repeated + strange > 0 || failure !== undefined;
}

function failed({ seed, lost, repeated, strange, failure }: ScheduleResult): string {
  const what =
    failure ??
    `${String(lost)} lost, ${String(repeated)} repeated, ${String(strange)} that were never committed`;
  return `schedule ${String(seed)}: ${what}; again: nx run test-harness:soak --schedules=1 --seed=${String(seed)}`;
}

function line({ schedules, rows, reads, brokenReads, lost, repeated, strange }: SoakReport): string {
  return (
    `${String(schedules)} schedules, ${String(rows)} rows in ${String(reads)} reads, ${String(brokenReads)} of them broken: ` +
    `${String(lost)} lost, ${String(repeated)} repeated, ${String(strange)} that were never committed`
  );
}

async function main(): Promise<number> {
  let chosen: Plan | string;
  try {
    chosen = plan(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    return 2;
  }
  if (typeof chosen === 'string') {
    process.stdout.write(chosen);
    return 0;
  }
  await using lease = await leaseServices({
    workspaceRoot: findWorkspaceRoot(process.cwd()),
    services: ['postgres'],
    holder: 'soak',
  });
  for (const failure of lease.failures) process.stderr.write(failureBox(failure));
  if (lease.offers.length === 0) return 2;
  for (const [name, value] of Object.entries(toVariables(endpointsOf(lease.offers))))
    process.env[name] = value;
  if (!chosen.isJson) process.stderr.write(`seed ${String(chosen.seed)}\n`);
  const report = await soak(chosen);
  process.stdout.write(
    `${chosen.isJson ? JSON.stringify({ seed: chosen.seed, ...report }) : line(report)}\n`,
  );
  return report.failedSeeds.length === 0 ? 0 : 1;
}

process.exitCode = await main();
