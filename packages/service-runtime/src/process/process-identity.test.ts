import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, symlinkSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { Scratch } from '../testing/scratch.js';
import { identify, isAlive, signalIfSame } from './process-identity.js';

async function spawned(file: string, args: readonly string[]): Promise<ChildProcess & { pid: number }> {
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  await once(child, 'spawn');
  return Object.assign(child, { pid: child.pid ?? -1 });
}

async function killed(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

const onLinux = process.platform === 'linux' ? test : test.skip; // eslint-disable-line no-restricted-syntax -- it looks into /proc

describe('the identity of a process', () => {
  test('is the same each time it is asked for, and gone with the process', async () => {
    const child = await spawned('sleep', ['60']);
    const identity = identify(child.pid)!;
    expect(identify(child.pid)).toEqual(identity);
    expect(isAlive(identity)).toBe(true);
    await killed(child);
    expect(isAlive(identity)).toBe(false);
    expect(signalIfSame(identity, 'SIGKILL')).toBe(false);
  });

  test('differs for two processes, and nobody has that of pid 0 or of a pid out of range', async () => {
    const child = await spawned('sleep', ['60']);
    expect(identify(child.pid)).not.toEqual(identify(process.pid));
    await killed(child);
    expect(identify(0)).toBeUndefined();
    expect(identify(2 ** 30)).toBeUndefined();
  });

  test('keeps a stranger who got the pid, or a machine that was booted again, from being signalled', async () => {
    const child = await spawned('sleep', ['60']);
    const identity = identify(child.pid)!;
    expect(signalIfSame({ ...identity, startedAt: `${identity.startedAt}0` }, 'SIGKILL')).toBe(false);
    expect(signalIfSame({ ...identity, bootId: 'another' }, 'SIGKILL')).toBe(false);
    expect(isAlive(identity)).toBe(true);
    const exited = once(child, 'exit');
    expect(signalIfSame(identity, 'SIGTERM')).toBe(true);
    expect(await exited).toEqual([null, 'SIGTERM']);
  });

  onLinux.each(['a) b', ') R 1 2 3', '((', 'x y z'])(
    'is read right of a program called "%s"',
    async (name) => {
      using scratch = new Scratch();
      symlinkSync('/bin/sleep', scratch.path(name));
      const child = await spawned(scratch.path(name), ['60']);
      const stat = readFileSync(`/proc/${child.pid}/stat`, 'latin1');
      expect(stat).toContain(`(${name})`);
      const fields = stat.split(`(${name}) `)[1]!.split(' ');
      expect(identify(child.pid)?.startedAt).toBe(fields[19]);
      expect(Number(fields[19])).toBeGreaterThan(
        Number(readFileSync('/proc/self/stat', 'latin1').split(' ')[21]) - 1,
      );
      await killed(child);
    },
  );

  onLinux('is not had by a zombie', async () => {
    // The child waits for our word, and gets it when its parent is a program that never collects children: a shell might.
    const script = 'exec 3<&0; (read -r _ <&3) & echo $!; exec sleep 60';
    const parent = await spawned('/bin/sh', ['-c', script]);
    const [line] = (await once(parent.stdout!, 'data')) as [Buffer];
    const zombie = Number(line);
    while (readFileSync(`/proc/${parent.pid}/comm`, 'latin1') !== 'sleep\n') await setImmediate();
    parent.stdin!.write('\n');
    while (readFileSync(`/proc/${zombie}/stat`, 'latin1').split(') ')[1]?.[0] !== 'Z') await setImmediate();
    expect(identify(zombie)).toBeUndefined();
    await killed(parent);
  });
});
