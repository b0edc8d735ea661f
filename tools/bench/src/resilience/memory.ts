import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Contender } from '../frame/measure.js';
import type { Unit } from '../frame/units.js';
import { bottleneck, flexible } from './peers.js';
import type { Held } from './memory-child.js';

const run = promisify(execFile);
const child = fileURLToPath(new URL('./memory-child.ts', import.meta.url));
const loader = new URL('../../../source-loader/register-built.mjs', import.meta.url).href;

const waiting = 'memory for each of 100,000 who wait for a token';
const keys = 'memory for each of 100,000 keys';
const remembered = 'keys that are remembered';
const after = 'of 100,000, when their tokens are back and one key has been used 100,000 times more';

export const rememberedRow = `${remembered}: ${after}`;

export const memoryContenders: readonly Contender[] = [
  inChild(`${waiting}: ours`, 'bytes', 'waiters', 100_000),
  inChild(`${waiting}: ${bottleneck}`, 'bytes', 'waiters-bottleneck', 100_000),
  inChild(`${waiting}: ${flexible}, RateLimiterQueue`, 'bytes', 'waiters-flexible', 100_000),
  inChild(`${waiting}: a bare promise and its resolve`, 'bytes', 'promises', 100_000),
  inChild(`${keys}: ours`, 'bytes', 'keys', 100_000),
  inChild(`${keys}: ${flexible}`, 'bytes', 'keys-flexible', 100_000),
  inChild(`${keys}: ${bottleneck}, Group`, 'bytes', 'keys-bottleneck', 10_000),
  inChild(`${remembered}: of 100,000, while they are in use`, 'keys', 'remembered-in-use', 100_000),
  inChild(rememberedRow, 'keys', 'remembered-idle', 100_000),
];

/** A heap of its own for each. */
function inChild(row: string, unit: Unit, held: Held, count: number): Contender {
  return {
    name: row,
    run: async () => {
      const args = ['--expose-gc', '--import', loader, child, held, String(count)];
      const { stdout } = await run(process.execPath, args, { timeout: 120_000 });
      return { [row]: { value: Number(stdout), unit } };
    },
  };
}
