import { appendFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { annotate } from './locate.js';
import { readResults } from './results.js';
import { renderSummary } from './summary.js';
import { errorCommand } from './workflow-command.js';

const usage = `usage: github-report [FOLDER]

Prints an annotation for each failed test of the results in FOLDER (default: logs/integration-tests) and adds a summary in
Markdown to the file that GITHUB_STEP_SUMMARY names; without that variable it is printed. Reports only: whether the tests
passed is said by the step that ran them.

Exit codes: 0 reported, 1 wrong usage`;

/** GitHub shows no more errors of one step. */
const mostAnnotations = 10;

const repository = resolve(fileURLToPath(new URL('../../..', import.meta.url)));

process.exitCode = main(process.argv.slice(2));

function main(args: string[]): number {
  const command = parse(args);
  if (typeof command === 'number') return command;
  const results = readResults(resolve(command.folder));
  const failures = results.flatMap((result) => result.failures);
  for (const failure of failures.slice(0, mostAnnotations))
    console.log(errorCommand(annotate(failure, repository)));
  const summary = renderSummary(results);
  const file = process.env['GITHUB_STEP_SUMMARY'] ?? '';
  if (file === '') console.log(summary);
  else appendFileSync(file, `${summary}\n`);
  return 0;
}

function parse(args: string[]): { readonly folder: string } | number {
  try {
    const { values, positionals } = parseArgs({
      args,
      options: { help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
    });
    if (values.help === true) {
      console.log(usage);
      return 0;
    }
    if (positionals.length > 1) throw new Error(`One folder is read; given were ${positionals.join(', ')}.`);
    return { folder: positionals[0] ?? join(repository, 'logs/integration-tests') };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    return 1;
  }
}
