import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { systemClock } from '../../clock.js';
import { ServiceFailure } from '../../failure/service-failure.js';
import { Scratch } from '../../testing/scratch.js';
import type { LaunchContext } from '../running-service.js';
import { postgresLauncher } from './postgres-launcher.js';

/** Programs that write down how they were called; the server ends at once. */
function setUp(scratch: Scratch): LaunchContext {
  const called = scratch.path('called');
  scratch.writeProgram(
    'bin/initdb',
    `echo "initdb $*" >> ${called}
     while [ $# -gt 0 ]; do
       [ "$1" = --pwfile ] && echo "mode $(stat -c %a "$2")" >> ${called}
       [ "$1" = --pgdata ] && mkdir "$2" && echo 15 > "$2/PG_VERSION"
       shift
     done`,
  );
  scratch.writeProgram(
    'bin/postgres',
    `[ "$1" = --version ] && echo "postgres (PostgreSQL) 15.1" && exit
     echo "postgres $*" >> ${called}; echo "FATAL: not today"; exit 1`,
  );
  return {
    host: scratch.host({ architecture: 'none' }),
    clock: systemClock,
    dataFolder: scratch.makeFolder('data'),
    logFile: scratch.write('postgres.log', ''),
    port: 0,
    signal: new AbortController().signal,
    record: () => undefined,
  };
}

describe('the launch of PostgreSQL', () => {
  test('prepares a data folder once, and a copy of it for each start', async () => {
    using scratch = new Scratch();
    const context = setUp(scratch);
    for (let start = 0; start < 2; start++) {
      await expect(postgresLauncher.launch(context)).rejects.toThrow(ServiceFailure);
    }
    expect(readFileSync(scratch.path('data/PG_VERSION'), 'utf8')).toBe('15\n');
    const called = readFileSync(scratch.path('called'), 'utf8').split('\n');
    expect(called.filter((line) => line.startsWith('initdb'))).toHaveLength(1);
    // Each start tries a server that ends by itself once more, on another port.
    expect(called.filter((line) => line.startsWith('postgres'))).toHaveLength(4);
  });

  test('listens on loopback only, and on no socket in the file system', async () => {
    using scratch = new Scratch();
    await postgresLauncher.launch(setUp(scratch)).catch(() => undefined);
    const called = readFileSync(scratch.path('called'), 'utf8');
    expect(called).toContain('-c listen_addresses=127.0.0.1 -c unix_socket_directories= ');
  });

  test('hands the password over in a file for the server’s account alone, and removes it', async () => {
    using scratch = new Scratch();
    await postgresLauncher.launch(setUp(scratch)).catch(() => undefined);
    const called = readFileSync(scratch.path('called'), 'utf8');
    expect(called).toContain('--pwfile');
    expect(called).toContain('mode 600');
    expect(called).not.toMatch(/--?pass/);
    const left = readdirSync(scratch.path('cache'), { recursive: true, encoding: 'utf8' });
    expect(left.filter((name) => name.endsWith('password'))).toEqual([]);
  });

  test('says with what words the server ended', async () => {
    using scratch = new Scratch();
    const failure: unknown = await postgresLauncher.launch(setUp(scratch)).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      report: { code: 'SERVICE_DIED', service: 'postgres', evidence: ['exit code 1', 'FATAL: not today'] },
    });
  });

  test('says what the preparation complained of, and keeps nothing of it', async () => {
    using scratch = new Scratch();
    const context = setUp(scratch);
    scratch.writeProgram('bin/initdb', 'echo "initdb: no space left" >&2; exit 1');
    const failure: unknown = await postgresLauncher.launch(context).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      report: { code: 'SERVICE_DIED', evidence: ['exit code 1', 'initdb: no space left'] },
    });
    const left = readdirSync(scratch.path('cache'), { recursive: true, encoding: 'utf8' });
    expect(left.filter((name) => name.includes('data') || name.includes('building'))).toEqual([]);
    expect(existsSync(scratch.path('called'))).toBe(false);
  });
});
