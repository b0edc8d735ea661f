import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { systemClock } from '../clock.js';
import { freezeTree, killTree, thawTree } from './freeze.js';
import { identify, isAlive, type ProcessIdentity } from './process-identity.js';
import { processTree } from './process-tree.js';

const started: ChildProcess[] = [];

// A test that fails must not leave what it has stopped.
afterEach(async () => {
  for (const { pid } of started.splice(0)) if (pid !== undefined) await killTree([pid], systemClock);
});

/** A shell, and all that its script starts; resolves once that has said a line. */
async function run(script: string): Promise<number> {
  const shell = spawn('/bin/sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'] });
  started.push(shell);
  await once(shell.stdout, 'data');
  return shell.pid ?? -1;
}

function commandLines(): string[] {
  if (process.platform !== 'linux')
    return execFileSync('ps', ['-axo', 'command='], { encoding: 'utf8' }).split('\n');
  return readdirSync('/proc').flatMap((pid) => {
    try {
      return [readFileSync(`/proc/${pid}/cmdline`, 'latin1')];
    } catch {
      return []; // no process, or one that has just ended
    }
  });
}

const family = 'sleep 60 & (sleep 60 & wait) & sleep 0.05; echo ready; wait';
const noticed = (): void => undefined;
const states = (pid: number): boolean[] => processTree([pid]).map(({ isStopped }) => isStopped);

describe('a tree of processes', () => {
  test('has parents before their children, and no stranger in it', async () => {
    const pid = await run(family);
    const found = processTree([pid]);
    expect(found).toHaveLength(4);
    expect(found[0]?.pid).toBe(pid);
    for (const { parent } of found.slice(1)) expect(found.map((one) => one.pid)).toContain(parent);
  });

  test('is empty where there is no such process', () => {
    expect(processTree([2 ** 22 + 1])).toEqual([]);
    expect(processTree([])).toEqual([]);
  });
});

describe('freezing', () => {
  test('has stopped all of them when it resolves, each told of before; thawing lets all go on', async () => {
    const pid = await run(family);
    const told: ProcessIdentity[] = [];
    await freezeTree([pid], systemClock, (identity) => {
      told.push(identity);
      expect(processTree([identity.pid])[0]?.isStopped).toBe(false);
    });
    expect(states(pid)).toEqual([true, true, true, true]);
    expect(told.map((one) => one.pid).toSorted()).toEqual(
      processTree([pid])
        .map((one) => one.pid)
        .toSorted(),
    );
    thawTree([pid]);
    expect(states(pid)).toEqual([false, false, false, false]);
  });

  test('stops what is only just being started', async () => {
    const pid = await run('echo ready; while :; do sleep 0.001; done');
    await freezeTree([pid], systemClock, noticed);
    const before = processTree([pid]);
    await systemClock.sleep(50);
    expect(processTree([pid])).toEqual(before);
  });

  test('tells nothing of processes that are gone', async () => {
    const pid = await run('echo ready; sleep 60');
    await killTree([pid], systemClock);
    await freezeTree([pid], systemClock, () => {
      throw new Error('told');
    });
  });
});

describe('killing', () => {
  test('leaves none, frozen or not, though a parent starts anew what ends', async () => {
    for (const isFrozen of [false, true]) {
      const pid = await run('(sleep 0.05; echo ready) & while :; do sleep 60; done');
      if (isFrozen) await freezeTree([pid], systemClock, noticed);
      const all = processTree([pid]).flatMap((one) => identify(one.pid) ?? []);
      expect(all.length).toBeGreaterThan(1);
      await killTree([pid], systemClock);
      expect(all.filter(isAlive)).toEqual([]);
    }
  });

  test('leaves no child that a parent made at the last moment', async () => {
    const name = `60.${String(process.pid)}`;
    const pid = await run(`echo ready; for i in $(seq 300); do sleep ${name} & done; wait`);
    await killTree([pid], systemClock);
    expect(commandLines().filter((line) => line.includes(name))).toEqual([]);
  });
});
