import { parseArgs } from 'node:util';
import { goalLine } from './goals.js';
import { describeMachine, isBusy } from './machine.js';
import { type Contender, measure, type Rounds } from './measure.js';
import { type Goal, type Result, writeResult } from './result.js';
import { type Summary, summarize } from './statistics.js';
import { terminalTable } from './table.js';

/** Fewer say nothing of the spread. */
const fewestRounds = 5;

/**
 * Measures contenders in turn with each other.
 *
 * @param times - `once`: one round and no warm-up, for what takes long and hardly varies, such as memory.
 */
export type Compare = (contenders: readonly Contender[], times?: 'once') => Promise<void>;

export interface Particulars {
  /** What else may be on the command line, each with a value. The benchmark takes it from there itself. */
  readonly otherOptions?: readonly string[];
  /** `false` for a quick look, which must not take the place of the last result. @defaultValue true */
  readonly isRecorded?: boolean;
}

/**
 * Runs a benchmark as a program: `--rounds=N` on its command line, what it does on standard error, the table and a
 * line for each goal on standard output, everything in `results/<name>.json`. A missed goal is no failure.
 *
 * @param goals - Finds the figures by the names of the rows; `all` has those that were measured, the function throws for others.
 */
export async function runBenchmark(
  name: string,
  body: (compare: Compare) => Promise<void>,
  goals: (summaryOf: (row: string) => Summary, all: Readonly<Record<string, Summary>>) => readonly Goal[],
  defaultRounds: number,
  { otherOptions = [], isRecorded = true }: Particulars = {},
): Promise<void> {
  const date = new Date().toISOString();
  const machine = describeMachine();
  const rounds = roundsAsked(defaultRounds, otherOptions);
  const warning = isBusy() ? ['The machine was busy when this began: measure again when it is quiet.'] : [];
  const settings: Rounds = { rounds, progress: (line) => process.stderr.write(`${line}\n`) };
  const once: Rounds = { ...settings, rounds: 1, warmUp: false };
  const contenders: Record<string, Summary> = {};
  await body(async (group, times) => {
    for (const [row, samples] of await measure(group, times === 'once' ? once : settings))
      contenders[row] = summarize(samples);
  });
  const summaryOf = (row: string): Summary => {
    const found = contenders[row];
    if (found === undefined) throw new Error(`nothing was measured for "${row}"`);
    return found;
  };
  const result: Result = {
    name,
    date,
    machine,
    rounds,
    contenders,
    goals: [...goals(summaryOf, contenders)],
  };
  const lines = [
    terminalTable(result),
    '',
    ...result.goals.map(goalLine),
    '',
    machine,
    ...warning,
    isRecorded ? `written to ${writeResult(result)}` : 'a quick look: not written',
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

function roundsAsked(defaultRounds: number, otherOptions: readonly string[]): number {
  const names = ['rounds', ...otherOptions];
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
  const { values } = parseArgs({ options });
  const rounds = Number(values['rounds'] ?? defaultRounds);
  if (Number.isInteger(rounds) && rounds >= fewestRounds) return rounds;
  throw new RangeError(
    `--rounds is "${String(values['rounds'])}"; it must be a whole number from ${fewestRounds}`,
  );
}
