import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import type { Host } from '../host.js';
import { leash } from './leash.js';

export interface ToolCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Written to its standard input: the way for what must not be seen in a list of processes. */
  readonly input?: string;
}

export interface ToolResult {
  readonly exitCode: number | null;
  readonly output: string;
  /** Standard error. Where the tool could not be started, why. */
  readonly complaint: string;
}

/**
 * Runs a short-lived tool under the servers' account and gives what it printed.
 * It is killed when `signal` aborts; then, and only then, this rejects, with `signal.reason`.
 */
export async function runToEnd(command: ToolCommand, host: Host, signal: AbortSignal): Promise<ToolResult> {
  signal.throwIfAborted();
  // A tool must not go on writing into a folder that the next run has cleared.
  const { words, account } = leash(host, 'KILL');
  const [file = '', ...args] = [...words, command.file, ...command.args];
  const child = spawn(file, args, {
    cwd: '/',
    env: { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C', ...command.environment },
    stdio: 'pipe',
    signal,
    killSignal: 'SIGKILL',
    ...account,
  });
  child.stdin.on('error', () => undefined); // it did not read all of it; its exit code tells
  child.stdin.end(command.input ?? '');
  const ended = new Promise<{ exitCode: number | null; failure: string }>((resolve) => {
    child.once('close', (exitCode) => {
      resolve({ exitCode, failure: '' });
    });
    child.once('error', (error) => {
      resolve({ exitCode: null, failure: error.message });
    });
  });
  const [output, complaint, { exitCode, failure }] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    ended,
  ]);
  signal.throwIfAborted();
  return { exitCode, output, complaint: complaint + failure };
}
