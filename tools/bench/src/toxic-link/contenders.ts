import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Contender } from '../frame/measure.js';
import { ms, type Sample } from '../frame/statistics.js';
import { roundTrips, type Use, type Way } from './work.js';

const loader = new URL('../../../source-loader/register-built.mjs', import.meta.url).href;

const groups: Record<Use, string> = {
  stream: '1 GiB to a client that counts it',
  hash: '1 GiB to a client that hashes it (SHA-256)',
  echo: 'one byte there and back',
};
const ways: Record<Way, string> = {
  direct: 'direct',
  link: 'through toxicLink, no toxics',
  pipe: 'through two sockets of Node piped together',
};

export function rowOf(use: Use, way: Way): string {
  return `${groups[use]}: ${ways[way]}`;
}

/** A server process for all contenders. It ends with this one. */
export async function startServer(): Promise<{ port: number } & Disposable> {
  const server = start('server-child.ts');
  const port = Number(await next(server));
  return { port, [Symbol.dispose]: () => server.disconnect() };
}

/** Server, client, and what is between them, each in a process of its own. */
export function contendersOf(use: Use, serverPort: number): Contender[] {
  return (Object.keys(ways) as Way[]).map((way) => {
    const row = rowOf(use, way);
    return { name: row, run: async () => ({ [row]: await run(use, way, serverPort) }) };
  });
}

async function run(use: Use, way: Way, serverPort: number): Promise<Sample> {
  if (way === 'direct') return sampleOf(use, await timed(use, serverPort));
  const between = start('way-child.ts', way, String(serverPort));
  const sample = sampleOf(use, await timed(use, Number(await next(between))));
  between.send('memory');
  const peakRssMb = Number(await next(between));
  between.disconnect();
  await once(between, 'exit');
  return { ...sample, peakRssMb };
}

async function timed(use: Use, port: number): Promise<number> {
  const client = start('client-child.ts', use, String(port));
  const exit = once(client, 'exit');
  const tookMs = Number(await next(client));
  await exit;
  return tookMs;
}

function sampleOf(use: Use, tookMs: number): Sample {
  return use === 'echo' ? { value: (tookMs / roundTrips) * 1e6, unit: 'ns' } : ms(tookMs);
}

function start(file: string, ...parameters: string[]): ChildProcess {
  return fork(fileURLToPath(new URL(file, import.meta.url)), parameters, { execArgv: ['--import', loader] });
}

/** What a child says next. */
async function next(child: ChildProcess): Promise<unknown> {
  const [message] = (await once(child, 'message', { signal: AbortSignal.timeout(60_000) })) as unknown[];
  return message;
}
