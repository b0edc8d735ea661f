import { join } from 'node:path';
import { z } from 'zod';
import type { RunOptions } from './options.js';
import { runProgram } from './run-program.js';
import type { RunContext } from './run-context.js';
import type { SuiteProject } from './workspace-suites.js';

/** Nx as a program, in this workspace. */
function nxCommand(workspaceRoot: string, args: readonly string[]): string[] {
  return [process.execPath, join(workspaceRoot, 'node_modules/nx/dist/bin/nx.js'), ...args];
}

/** Runs the suites, or takes them from the cache. @returns Nx's exit code */
export function runSuites(
  run: {
    readonly args: readonly string[];
    readonly variables: Readonly<Record<string, string>>;
    readonly onOutput: (text: string) => void;
    readonly end: AbortSignal;
  },
  context: RunContext,
): Promise<number> {
  return runProgram(
    {
      command: nxCommand(context.workspaceRoot, run.args),
      folder: context.workspaceRoot,
      // Under GitHub Actions Nx would fold its output, and each task would begin with another line. And a task would
      // get a terminal of its own, and with it a process group that is not ours to end.
      environment: {
        ...context.environment,
        NX_SKIP_LOG_GROUPING: 'true',
        NX_NATIVE_COMMAND_RUNNER: 'false',
        ...run.variables,
      },
      onOutput: run.onOutput,
      end: run.end,
      kill: context.kill,
    },
    context.clock,
  );
}

/**
 * The arguments of the run. Nx hashes what stands behind `--`, so that what was chosen is not taken from the cache for
 * all, nor the other way round.
 */
export function runArgs(
  { parallel, coverage, keepFailed }: Pick<RunOptions, 'parallel' | 'coverage' | 'keepFailed'>,
  projects: readonly SuiteProject[] | 'all',
  jestArgs: readonly string[],
): string[] {
  return [
    ...['run-many', '-t', 'integration', '--output-style=static'],
    ...(projects === 'all' ? [] : [`--projects=${projects.map(({ name }) => name).join(',')}`]),
    ...(parallel === undefined ? [] : [`--parallel=${String(parallel)}`]),
    // What is measured, or kept, is not in the cache.
    ...(coverage || keepFailed ? ['--skip-nx-cache'] : []),
    ...(jestArgs.length === 0 ? [] : ['--', ...jestArgs]),
  ];
}

/** @throws Error with what Nx said, if it cannot tell: there is no such commit, for example. */
export async function affectedProjects(base: string | undefined, context: RunContext): Promise<Set<string>> {
  const args = ['show', 'projects', '--affected', '--with-target=integration', '--json'];
  let output = '';
  const exitCode = await runSuites(
    {
      args: [...args, ...(base === undefined ? [] : [`--base=${base}`])],
      variables: {},
      onOutput: (text) => {
        output += text;
      },
      end: context.end,
    },
    context,
  );
  context.end.throwIfAborted();
  const json = output.split('\n').find((line) => line.trimStart().startsWith('['));
  if (exitCode !== 0 || json === undefined) {
    const compared = base === undefined ? 'defaultBase of nx.json' : `--base "${base}"`;
    throw new AffectedError(
      `What is affected cannot be told: ${compared} may not be a commit.\n${output.trim()}`,
    );
  }
  return new Set(z.array(z.string()).parse(JSON.parse(json)));
}

/** Nx cannot tell what is affected. The message says why. */
export class AffectedError extends Error {
  override readonly name = 'AffectedError';
}
