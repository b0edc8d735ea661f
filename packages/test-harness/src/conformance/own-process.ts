import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { NonConformance } from './requirement.js';

/** How a process of its own opens what is tried, for what cannot be found out within one: memory, output, arguments. */
export interface OpenModule {
  /** The URL of a module that exports `open`, the same function that the suite gets. */
  readonly url: URL;
  /** Options for Node that let it load the module, such as `['--import', 'tsx']`. @defaultValue none */
  readonly nodeOptions?: readonly string[];
}

export interface ProcessTaskResult {
  /** That went through it. */
  readonly rows: number;
  /** The most memory that the process has had, resident. */
  readonly peakBytes: number;
  /** All that was written to its output, and what it and its children were started with. */
  readonly output: string;
}

/** What goes to the process. Not by arguments or environment: there is a password in it. */
export interface ProcessMessage {
  readonly module: string;
  readonly task: unknown;
}

export type ProcessAnswer =
  { readonly rows: number; readonly peakBytes: number } | { readonly failed: string };

export interface OwnProcess {
  /** The module that runs the tasks, which is built or not: whoever runs it from its TypeScript gives the options for Node. */
  readonly entry: URL;
  /** Missing if the suite was not told. */
  readonly module: OpenModule | undefined;
  readonly signal: AbortSignal;
}

/**
 * Has what is tried opened by processes of their own, one for each task. None outlives the requirement.
 *
 * @throws NonConformance if the suite was not told how, or the process fails.
 */
export async function inOwnProcess<T>(
  { entry, module, signal }: OwnProcess,
  body: (run: (task: unknown) => Promise<ProcessTaskResult>) => Promise<T>,
): Promise<T> {
  if (module === undefined) {
    throw new NonConformance('nothing says how a process of its own opens it: give the option `module`');
  }
  const children: ChildProcess[] = [];
  try {
    return await body(async (task) => {
      const child = fork(entry, [], {
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

async function runTask(child: ChildProcess, message: ProcessMessage): Promise<ProcessTaskResult> {
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => output.push(text));
  }
  const ended = once(child, 'close');
  // An abort of the requirement is told by whoever waits for it.
  ended.catch(() => undefined);
  child.send(message);
  const answer = await Promise.race([
    once(child, 'message').then(([told]) => told as ProcessAnswer),
    ended.then(([code]) => ({ failed: `it ended with ${String(code)}: ${output.join('').slice(-2000)}` })),
  ]);
  output.push(...argumentsBelow(child.pid));
  child.kill('SIGKILL');
  await ended;
  if ('failed' in answer) throw new NonConformance(`a process of its own failed: ${answer.failed}`);
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
