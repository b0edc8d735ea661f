import { stripVTControlCharacters, styleText } from 'node:util';
import { failureBox, ServiceFailure, systemClock } from '@sqlflow/service-runtime';
import { cleanUp, stopAfterRun } from './clean-up.js';
import { AffectedError } from './nx.js';
import { type Command, parseCommand } from './options.js';
import { readSettings } from './settings.js';
import { installForAll, run } from './run.js';
import type { RunContext } from './run-context.js';
import { exitCodes } from './summary.js';
import { usage } from './usage.js';

const { env, stdout, stderr } = process;
const isContinuousIntegration = !['', '0', 'false'].includes((env['CI'] ?? '').toLowerCase());
const isColoured = stdout.isTTY && !isContinuousIntegration && !env['NO_COLOR'];
const interruption = { first: new AbortController(), second: new AbortController() };

const context: RunContext = {
  workspaceRoot: process.cwd(), // the script ./integration goes there
  environment: env,
  command: ['./integration', ...process.argv.slice(2)],
  isContinuousIntegration,
  print: (text) => stdout.write(`${paint(text)}\n`),
  printProgress: (text) => stdout.write(`${paint(text)}\n`),
  printError: (text) => stderr.write(`${text}\n`),
  clock: systemClock,
  end: interruption.first.signal,
  kill: interruption.second.signal,
};

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (interruption.first.signal.aborted) {
      interruption.second.abort();
    } else {
      stderr.write(`\n${signal}: ending what runs; once more ends it at once.\n`);
      interruption.first.abort(new Error(`ended by ${signal}`));
    }
  });
}
// Whoever reads us may go away: that must not keep us from clearing up.
for (const stream of [stdout, stderr]) stream.on('error', () => undefined);

process.exitCode = await main(parseCommand(process.argv.slice(2)));

async function main(command: Command): Promise<number> {
  const settings = readSettings(env);
  if (command.kind === 'help') {
    context.print(usage);
    return exitCodes.passed;
  }
  const refusal = command.kind === 'refused' ? command.why : settings.fault;
  if (command.kind === 'refused' || refusal !== undefined) {
    context.printError(`${refusal ?? ''}\n\nAll options: ./integration --help`);
    return exitCodes.error;
  }
  try {
    if (command.kind === 'clean-up') return (await cleanUp(context)) ? exitCodes.passed : exitCodes.error;
    if (command.kind === 'install') {
      await installForAll(context);
      return exitCodes.passed;
    }
    const { options } = command;
    const verbose = options.verbose || settings.isVerbose;
    const quiet: Partial<RunContext> = settings.isQuiet ? { printProgress: () => undefined } : {};
    try {
      return exitCodes[await run({ ...options, verbose }, { ...context, ...quiet })];
    } finally {
      if (isContinuousIntegration && !options.keepServices) await stopAfterRun(context);
    }
  } catch (error) {
    return explain(error);
  }
}

function explain(error: unknown): number {
  if (interruption.first.signal.aborted) return exitCodes.interrupted;
  if (error instanceof AffectedError) {
    context.printError(error.message);
    return exitCodes.error;
  }
  if (!(error instanceof ServiceFailure)) throw error;
  context.printError(failureBox(error.report));
  const isUsage = error.code === 'INVALID_OPTION' || error.code === 'UNKNOWN_SERVICE';
  return isUsage ? exitCodes.error : exitCodes['no-services'];
}

/** Verdicts stand at the beginning of their lines. */
function paint(text: string): string {
  // Nx makes Jest use colours, wherever it prints.
  if (!isColoured) return stripVTControlCharacters(text);
  return text
    .replace(/^ {2}ok(?= )/gm, `  ${styleText('green', 'ok')}`)
    .replace(/^ {2}FAILED(?= )/gm, `  ${styleText('red', 'FAILED')}`);
}
