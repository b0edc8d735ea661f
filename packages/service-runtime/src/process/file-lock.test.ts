import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { Scratch } from '../testing/scratch.js';
import { tryLock } from './file-lock.js';

describe('a lock on a file', () => {
  test('is held by one, until it is released', () => {
    using scratch = new Scratch();
    const path = scratch.path('lock');
    const first = tryLock(path, 'create');
    expect(first).toBeDefined();
    expect(tryLock(path, 'create')).toBeUndefined();
    expect(tryLock(path, 'existing')).toBeUndefined();
    first?.release();
    const second = tryLock(path, 'existing');
    expect(second).toBeDefined();
    second?.release();
  });

  test('makes no file where none is expected, and says so where there is no folder', () => {
    using scratch = new Scratch();
    expect(tryLock(scratch.path('lock'), 'existing')).toBeUndefined();
    expect(existsSync(scratch.path('lock'))).toBe(false);
    expect(tryLock(scratch.path('absent/lock'), 'create')).toBeUndefined();
  });

  test('is of the file that has the name now: one whose file was removed guards nothing', () => {
    using scratch = new Scratch();
    const path = scratch.path('lock');
    const old = tryLock(path, 'create');
    rmSync(path);
    const fresh = tryLock(path, 'create');
    expect(fresh).toBeDefined();
    old?.release();
    expect(tryLock(path, 'create')).toBeUndefined();
    fresh?.release();
  });

  test('is free as soon as its holder was killed', async () => {
    using scratch = new Scratch();
    const path = scratch.write('lock', '');
    const script = 'exec 9<>"$0"; flock 9; echo held; exec sleep 60';
    const holder = spawn('/bin/sh', ['-c', script, path], { stdio: ['ignore', 'pipe', 'ignore'] });
    await once(holder.stdout, 'data');
    expect(tryLock(path, 'existing')).toBeUndefined();
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    const lock = tryLock(path, 'existing');
    expect(lock).toBeDefined();
    lock?.release();
  });
});
