// nx run bench:storm: what clients do to a server that is down for a minute, simulated in virtual time.
import { parseArgs } from 'node:util';
import { goalLine } from './frame/goals.js';
import { terminalColumns } from './frame/table.js';
import { stormGoals, stormTable } from './storm/report.js';
import { type Storm, stormFile, writeStorm } from './storm/result.js';
import { scenario } from './storm/scenario.js';
import { simulate } from './storm/simulate.js';
import { variants } from './storm/variants.js';

// Millions of errors are made here, and nobody reads where.
Error.stackTraceLimit = 0;

const { values } = parseArgs({ options: { clients: { type: 'string' }, seed: { type: 'string' } } });
const asked = {
  ...scenario,
  clients: wholeNumber('clients', values.clients, scenario.clients),
  seed: wholeNumber('seed', values.seed, scenario.seed),
};
const storm: Storm = { scenario: asked, courses: {} };
for (const [name, variant] of Object.entries(variants)) {
  process.stderr.write(`${name}\n`);
  storm.courses[name] = await simulate(asked, variant);
}
writeStorm(storm);
const lines = [
  terminalColumns(stormTable(storm)),
  '',
  ...stormGoals(storm).map(goalLine),
  `written to ${stormFile.pathname}`,
];
process.stdout.write(`${lines.join('\n')}\n`);

function wholeNumber(option: string, given: string | undefined, fallback: number): number {
  const value = Number(given ?? fallback);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new RangeError(`--${option} is "${String(given)}"; it must be a whole number from 1`);
}
