import { readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { systemClock } from '../clock.js';
import { Scratch } from '../testing/scratch.js';
import { startOwnedProcess } from './owned-process.js';
import { identify, isAlive, type ProcessIdentity } from './process-identity.js';

const noRecord = (): void => undefined;

function setUp(scratch: Scratch, script: string) {
  return {
    file: scratch.writeProgram('bin/server', script),
    args: ['one', 'two words', '$HOME'],
    logFile: scratch.path('server.log'),
    endSignal: 'SIGKILL',
  } as const;
}

describe('a process of ours', () => {
  test('is written down before its program runs', async () => {
    using scratch = new Scratch();
    const command = setUp(scratch, 'echo "it runs"');
    const seen: [ProcessIdentity, string, string][] = [];
    const server = startOwnedProcess(command, scratch.host(), systemClock, (identity, endSignal) => {
      seen.push([identity, endSignal, readFileSync(command.logFile, 'utf8')]);
    });
    expect(seen).toEqual([[expect.objectContaining({ pid: server.pid }), 'SIGKILL', '']]);
    expect(await server.exited).toEqual({ exitCode: 0, signal: null });
    expect(server.exitStatus()).toEqual({ exitCode: 0, signal: null });
    expect(readFileSync(command.logFile, 'utf8')).toBe('it runs\n');
  });

  test('never runs its program, and does not stay, when it cannot be written down', async () => {
    using scratch = new Scratch();
    const command = setUp(scratch, 'echo "it runs"');
    let identity: ProcessIdentity | undefined;
    expect(() =>
      startOwnedProcess(command, scratch.host(), systemClock, (found) => {
        identity = found;
        throw new Error('ENOSPC');
      }),
    ).toThrow('ENOSPC');
    while (isAlive(identity!)) await setImmediate();
    expect(readFileSync(command.logFile, 'utf8')).toBe('');
  });

  test('gets its arguments as they are, no environment of ours and nothing to read', async () => {
    using scratch = new Scratch();
    const command = setUp(scratch, 'printf "%s|" "$@"; echo "$SECRET|$PGDATA|$(cat)|$PWD"');
    const host = scratch.host({ environment: { SECRET: 's3cr3t' } });
    await startOwnedProcess({ ...command, environment: { PGDATA: 'here' } }, host, systemClock, noRecord)
      .exited;
    expect(readFileSync(command.logFile, 'utf8')).toBe('one|two words|$HOME||here||/\n');
  });

  test('ends by its own signal, once, however often it is told to', async () => {
    using scratch = new Scratch();
    const command = setUp(
      scratch,
      'trap "echo quit; exit 3" QUIT; echo up; while :; do read -r _ || :; done',
    );
    const server = startOwnedProcess(
      { ...command, endSignal: 'SIGQUIT' },
      scratch.host(),
      systemClock,
      noRecord,
    );
    while (readFileSync(command.logFile, 'utf8') !== 'up\n') await setImmediate();
    expect(server.exitStatus()).toBeUndefined();
    expect(await Promise.all([server.end(), server.end()])).toEqual([
      { exitCode: 3, signal: null },
      { exitCode: 3, signal: null },
    ]);
    expect(await server.end()).toEqual({ exitCode: 3, signal: null });
    expect(identify(server.pid)).toBeUndefined();
  });

  test('says that its program is missing by its exit code', async () => {
    using scratch = new Scratch();
    const command = { ...setUp(scratch, ''), file: scratch.path('absent') };
    const server = startOwnedProcess(command, scratch.host(), systemClock, noRecord);
    expect(await server.exited).toEqual({ exitCode: 127, signal: null });
    expect(readFileSync(command.logFile, 'utf8')).toContain('absent');
  });

  test('is not started when its log cannot be opened', () => {
    using scratch = new Scratch();
    const command = { ...setUp(scratch, ''), logFile: scratch.path('absent/server.log') };
    expect(() => startOwnedProcess(command, scratch.host(), systemClock, noRecord)).toThrow('ENOENT');
  });
});
