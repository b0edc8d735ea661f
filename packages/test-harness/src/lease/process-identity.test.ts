import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Owner } from './owner.js';
import { hasEnded, startInStat, startOf, thisProcess } from './process-identity.js';

function fields(name: string, state: string, ticks: string): string {
  const between = Array.from({ length: 18 }, (_, index) => String(index));
  return `4711 (${name}) ${[state, ...between, ticks, '99', '98'].join(' ')}\n`;
}

async function sleeper(): Promise<ChildProcess & { pid: number }> {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  await once(child, 'spawn');
  if (child.pid === undefined) throw new Error('no process');
  return Object.assign(child, { pid: child.pid });
}

async function ownerWith(pid: number): Promise<Owner> {
  return { ...(await thisProcess()), pid, startedAt: (await startOf(pid)) ?? 'none' };
}

describe('/proc/PID/stat', () => {
  test('gives the start time', () => {
    expect(startInStat(fields('node', 'S', '123456'))).toBe((123_456).toString(36));
  });

  test('gives it also for a process whose name looks like other fields', () => {
    expect(startInStat(fields('a) R 1 2 (b', 'S', '123456'))).toBe((123_456).toString(36));
  });

  test('gives none for a zombie, which has ended', () => {
    expect(startInStat(fields('node', 'Z', '123456'))).toBeUndefined();
  });

  test('is refused when it has too few fields', () => {
    expect(() => startInStat('4711 (node) S 1 2')).toThrow(RangeError);
  });
});

describe('an owner', () => {
  test('is the same each time that this process asks', async () => {
    const owner = await thisProcess();
    expect(owner.pid).toBe(process.pid);
    expect(await thisProcess()).toEqual(owner);
  });

  test('has not ended while its process lives, and has ended after kill -9', async () => {
    const here = await thisProcess();
    const child = await sleeper();
    const owner = await ownerWith(child.pid);
    expect(await hasEnded(owner, here)).toBe(false);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await hasEnded(owner, here)).toBe(true);
  });

  test('has ended when another process has its process id now', async () => {
    const here = await thisProcess();
    expect(await hasEnded({ ...here, startedAt: `${here.startedAt.slice(0, -1)}!` }, here)).toBe(true);
  });

  test('of another host, boot or container has not ended as far as anyone can tell', async () => {
    const here = await thisProcess();
    const child = await sleeper();
    const owner = { ...(await ownerWith(child.pid)), place: 'ffffffffff' };
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await hasEnded(owner, here)).toBe(false);
  });

  test('has not ended when it belongs to another user', async () => {
    const here = await thisProcess();
    expect(await hasEnded(await ownerWith(1), here)).toBe(false);
  });
});
