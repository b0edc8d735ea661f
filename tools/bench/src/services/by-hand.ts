import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { thisHost } from '@sqlflow/service-runtime';
import { atTheLatestOnExit } from '../frame/clean-up.js';

/** A server or tool that is started without the runtime, under the same account. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** What no server here takes, however busy the machine. */
const withinMs = 30_000;

/**
 * Starts a server, asks again and again without a pause until it answers, and ends it.
 *
 * @param ask - Rejects while the server is not ready.
 * @returns milliseconds from before the start to the first answer.
 */
export async function startByHand(
  command: Command,
  ask: () => Promise<unknown>,
  endSignal: NodeJS.Signals,
): Promise<number> {
  const begin = performance.now();
  const server = start(command);
  const exited = once(server, 'exit');
  const killed = atTheLatestOnExit(() => server.kill('SIGKILL'));
  try {
    await untilAnswers(server, ask, command.file);
    const ms = performance.now() - begin;
    server.kill(endSignal);
    await exited;
    return ms;
  } finally {
    killed[Symbol.dispose]();
  }
}

/** Runs a tool to its end. @throws if it fails */
export async function runByHand(command: Command): Promise<void> {
  const [exitCode] = (await once(start(command), 'exit')) as [number | null];
  if (exitCode !== 0) throw new Error(`${command.file} ended with ${String(exitCode)}`);
}

/** A port that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('a listening server has no address');
  return address.port;
}

function start({ file, args, environment }: Command): ChildProcess {
  return spawn(file, args, {
    cwd: '/',
    stdio: 'ignore',
    env: { PATH: process.env['PATH'], LC_ALL: 'C', ...environment },
    ...thisHost().serverAccount,
  });
}

async function untilAnswers(server: ChildProcess, ask: () => Promise<unknown>, name: string): Promise<void> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    try {
      await ask();
      return;
    } catch (error) {
      if (server.exitCode !== null)
        throw new Error(`${name} ended with ${server.exitCode}`, { cause: error });
      if (performance.now() > deadline) throw error;
    }
  }
}
