import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { NonConformance } from '../requirement.js';
import type { SourceBench } from './source-bench.js';
import type { Address } from './source-fixture.js';

/** What a process is asked to do with the source that it opens. */
export type SourceTask =
  | { readonly task: 'read'; readonly endpoint: Address; readonly stream: string }
  /** Tries what can be done with each endpoint, and tells on its output all that comes of it. */
  | { readonly task: 'tell'; readonly endpoints: readonly Address[] };

export interface SourceTaskResult {
  /** That came, in all streams. */
  readonly rows: number;
  /** The most memory that the process has had, resident. */
  readonly peakBytes: number;
  /** All that was written to its output, and what it and its children were started with. */
  readonly output: string;
}

/** What goes to the process. Not by arguments or environment: there is a password in it. */
export interface SourceProcessMessage {
  readonly module: string;
  readonly task: SourceTask;
}

export type SourceProcessAnswer =
  { readonly rows: number; readonly peakBytes: number } | { readonly failed: string };

/** Built or not: whoever runs this from its TypeScript gives the options for Node that let it. */
const entryPoint = import.meta.url.endsWith('.ts') ? './source-process-main.ts' : './source-process-main.js';

/**
 * Has the source opened by processes of their own, one for each task. None outlives the requirement.
 *
 * @throws NonConformance if the suite was not told how, or the process fails.
 */
export async function inSourceProcess<T>(
  { module, signal }: SourceBench,
  body: (run: (task: SourceTask) => Promise<SourceTaskResult>) => Promise<T>,
): Promise<T> {
  if (module === undefined) {
    throw new NonConformance(
      'nothing says how a process of its own opens the source: give the option `module`',
    );
  }
  const children: ChildProcess[] = [];
  try {
    return await body(async (task) => {
      const child = fork(new URL(entryPoint, import.meta.url), [], {
        execArgv: [...(module.nodeOptions ?? [])],
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
        signal,
      });
      children.push(child);
      return await runTask(child, { module: module.url.href, task });
    });
  } finally {
    for (const child of children) child.kill('SIGKILL');
  }
}

async function runTask(child: ChildProcess, message: SourceProcessMessage): Promise<SourceTaskResult> {
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => output.push(text));
  }
  const ended = once(child, 'close');
  // An abort of the requirement is told by whoever waits for it.
  ended.catch(() => undefined);
  child.send(message);
  const answer = await Promise.race([
    once(child, 'message').then(([told]) => told as SourceProcessAnswer),
    ended.then(([code]) => ({ failed: `it ended with ${String(code)}: ${output.join('').slice(-2000)}` })),
  ]);
  output.push(...argumentsBelow(child.pid));
  child.kill('SIGKILL');
  await ended;
  if ('failed' in answer) throw new NonConformance(`a process with the source failed: ${answer.failed}`);
  return { ...answer, output: output.join('\n') };
}

/** The arguments of a process and those it started, where there is a /proc. */
function argumentsBelow(pid: number | undefined): string[] {
  if (pid === undefined || process.platform !== 'linux') return [];
  try {
    const children = readFileSync(`/proc/${String(pid)}/task/${String(pid)}/children`, 'utf8').trim();
    const below =
      children === '' ? [] : children.split(' ').flatMap((child) => argumentsBelow(Number(child)));
    return [readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8').replaceAll('\0', ' '), ...below];
  } catch {
    return []; // it has ended meanwhile
  }
}
