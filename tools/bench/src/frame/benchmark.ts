import { parseArgs } from 'node:util';
import { goalLine } from './goals.js';
import { describeMachine, isBusy } from './machine.js';
import { type Contender, measure, type Rounds } from './measure.js';
import { type Goal, type Result, writeResult } from './result.js';
import { type Summary, summarize } from './statistics.js';
import { terminalTable } from './table.js';

/** Fewer say nothing of the spread. */
const fewestRounds = 5;

/** Measures contenders in turn with each other. */
export type Compare = (contenders: readonly Contender[]) => Promise<void>;

/**
 * Runs a benchmark as a program: `--rounds=N` on its command line, what it does on standard error, the table and a
 * line for each goal on standard output, everything in `results/<name>.json`. A missed goal is no failure.
 *
 * @param goals - Finds the figures by the names of the rows.
 */
export async function runBenchmark(
  name: string,
  body: (compare: Compare) => Promise<void>,
  goals: (summaryOf: (row: string) => Summary) => readonly Goal[],
  defaultRounds: number,
): Promise<void> {
  const date = new Date().toISOString();
  const machine = describeMachine();
  const rounds = roundsAsked(defaultRounds);
  const warning = isBusy() ? ['The machine was busy when this began: measure again when it is quiet.'] : [];
  const settings: Rounds = { rounds, progress: (line) => process.stderr.write(`${line}\n`) };
  const contenders: Record<string, Summary> = {};
  await body(async (group) => {
    for (const [row, samples] of await measure(group, settings)) contenders[row] = summarize(samples);
  });
  const summaryOf = (row: string): Summary => {
    const found = contenders[row];
    if (found === undefined) throw new Error(`nothing was measured for "${row}"`);
    return found;
  };
  const result: Result = { name, date, machine, rounds, contenders, goals: [...goals(summaryOf)] };
  const file = writeResult(result);
  const lines = [
    terminalTable(result),
    '',
    ...result.goals.map(goalLine),
    '',
    machine,
    ...warning,
    `written to ${file}`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

function roundsAsked(defaultRounds: number): number {
  const { values } = parseArgs({ options: { rounds: { type: 'string' } } });
  const rounds = Number(values.rounds ?? defaultRounds);
  if (Number.isInteger(rounds) && rounds >= fewestRounds) return rounds;
  throw new RangeError(
    `--rounds is "${String(values.rounds)}"; it must be a whole number from ${fewestRounds}`,
  );
}
