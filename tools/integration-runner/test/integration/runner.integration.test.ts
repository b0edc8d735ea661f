import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { jest } from '@jest/globals';
import { endpointsOf, servicesStatus, thisHost } from '@sqlflow/service-runtime';
import { findKept } from '@sqlflow/test-harness';
import { fakeSupervisor } from './fake-supervisor.js';
import {
  type Finished,
  repository,
  type RunArguments,
  type ScratchWorkspace,
  scratchWorkspace,
  type Started,
} from './scratch-workspace.js';

const depot = {
  name: 'depot',
  services: ['redis'],
  tests: {
    depot: `describe('a depot @redis', () => {
      test('has its service', () => expect(process.env.TEST_SERVICES_UNAVAILABLE).toBeUndefined());
    });`,
  },
};
const shop = {
  name: 'shop',
  tests: {
    orders: `test('an order is found @smoke', () => {}); test('an order is kept', () => {});`,
    stock: `import { count } from '../../src/count.mjs';
      test('stock is counted', () => expect(count([1, 2])).toBe(2));`,
  },
  sources: { 'count.mjs': 'export const count = (items) => items.length;\n' },
};
const broken = {
  name: 'broken',
  tests: {
    names: `test('</script><b>"bold" & it\\'s', () => { throw new Error('one <i>thing</i>\\nand another'); });
      test('fine', () => {});`,
  },
};
const ledger = {
  name: 'ledger',
  services: ['redis'],
  tests: {
    ledger: `import { leaseKeyspace } from '@sqlflow/test-harness';
      const write = async (check) => {
        const keyspace = await leaseKeyspace();
        try {
          await keyspace.client.set(keyspace.prefix + 'entry', 'seven');
          check();
        } finally {
          await keyspace[Symbol.asyncDispose]();
        }
      };
      test('an entry is lost', () => write(() => { throw new Error('lost'); }));
      test('an entry is found', () => write(() => {}));`,
  },
};
/** Its test never ends, and neither does the process that it starts, whatever it is told. */
const stubborn = {
  name: 'stubborn',
  services: ['redis'],
  tests: {
    stubborn: `import { spawn } from 'node:child_process';
      test('never ends', async () => {
        spawn(process.execPath, ['-e',
          "process.on('SIGTERM', () => {}); process.on('SIGINT', () => {}); require('fs').writeFileSync('begun' + process.ppid, ''); setInterval(() => {}, 1000)"]);
        await new Promise(() => setInterval(() => {}, 1000));
      });`,
  },
};

// Each test is one to three runs of Nx, 2 s each on a quiet machine and 15 s on one that does much else.
jest.setTimeout(180_000);

let workspace: ScratchWorkspace;

beforeAll(() => {
  workspace = scratchWorkspace([depot, shop, broken, ledger, stubborn]);
});

afterAll(async () => {
  await workspace[Symbol.asyncDispose]();
});

const run = (...args: RunArguments): Promise<Finished> => workspace.run(...args).finished;
const closing = ({ output }: Finished): string | undefined => output.trimEnd().split('\n').at(-1);

describe('what is chosen', () => {
  test('--quick runs the tests that are marked smoke, and nothing else', async () => {
    const finished = await run('--quick');
    expect(finished).toMatchObject({ exitCode: 0 });
    expect(closing(finished)).toBe('1 passed, 0 failed, 1 skipped');
    expect(finished.output).not.toContain('depot');
  });

  test('-k with a part of a project’s name runs that project, the second time from the cache', async () => {
    const first = await run('-k', 'SHO');
    expect(first).toMatchObject({ exitCode: 0 });
    expect(closing(first)).toBe('3 passed, 0 failed');
    expect(first.output).not.toContain('from the cache');
    const second = await run('-k', 'SHO');
    expect(second.output).toContain('from the cache');
    expect(closing(second)).toBe('3 passed, 0 failed');
    expect(JSON.parse(workspace.latest('summary.json'))).toMatchObject({
      version: 1,
      verdict: 'passed',
      command: ['./integration', '-k', 'SHO'],
      projects: [{ project: 'shop', fromCache: true, passed: 3 }],
    });
  });

  test('-f with -k runs the tests of that name in that file, whatever the shell would make of it', async () => {
    const finished = await run('-f', 'stock', '-k', 'is count', '--coverage');
    expect(finished).toMatchObject({ exitCode: 0 });
    expect(closing(finished)).toBe('1 passed, 0 failed');
    expect(finished.output).toMatch(
      /\nCoverage\n {2}shop +statements 100\.0 %.*\n {2}all +statements 100\.0 %/,
    );
    expect(workspace.latest('coverage/lcov.info')).toContain('SF:packages/shop/src/count.mjs');
    const none = await run('-f', 'stock', '-k', '"; touch hacked; $(touch hacked) `touch hacked`');
    expect(none).toMatchObject({ exitCode: 1 });
    expect(none.output).toContain('No test was run');
    expect(existsSync(join(workspace.root, 'packages/shop/hacked'))).toBe(false);
  });

  test('-k with a service runs what is on it, with its log from the start of the run', async () => {
    const finished = await run('-k', 'redis', '-f', 'depot');
    expect(finished).toMatchObject({ exitCode: 0 });
    expect(finished.output).toMatch(/redis +Redis \S+ at 127\.0\.0\.1:\d+ \(local, started in \d+ ms\)/);
    expect(workspace.latest('services/redis.log')).toContain('Ready to accept connections');
    expect(workspace.latest('jest/depot.log')).toContain('1 passed');
    await workspace.untilNothingRemains();
  });

  test('--affected with nothing affected says so, and that is fine', async () => {
    const finished = await run('--affected', '--base=HEAD');
    expect(finished).toMatchObject({ exitCode: 0 });
    expect(finished.output).toContain('Nothing is affected');
  });

  test('--affected with a base that is no commit is an error that names it', async () => {
    const finished = await run('--affected', '--base=nonsense');
    expect(finished).toMatchObject({ exitCode: 1 });
    expect(finished.output).toContain('--base "nonsense" may not be a commit');
  });
});

describe('--install-only', () => {
  /** A folder of programs in which apt-get does nothing but write down what it is asked for. */
  function programs(): { readonly folder: string; asked(): string } {
    const folder = join(workspace.root, 'logs/programs');
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const redis = thisHost()
      .programFolders.map((place) => join(place, 'redis-server'))
      .find((file) => existsSync(file));
    symlinkSync(redis ?? '', join(folder, 'redis-server'));
    const log = join(folder, 'asked');
    writeFileSync(log, '');
    writeFileSync(join(folder, 'apt-get'), `#!/bin/sh\necho "$*" >> '${log}'\n`, { mode: 0o755 });
    return { folder, asked: () => readFileSync(log, 'utf8') };
  }

  test('installs nothing where nothing is missing, and runs no test', async () => {
    const { folder, asked } = programs();
    const finished = await run({ SERVICES_PATH: folder }, '--install-only');
    expect(finished).toEqual({ exitCode: 0, output: 'The services that the suites need are here.\n' });
    expect(asked()).toBe('');
  });

  test('gets a browser in CI, where the test of the report is never skipped', async () => {
    const { folder, asked } = programs();
    const finished = await run({ SERVICES_PATH: folder, CI: 'true' }, '--install-only');
    expect(finished).toMatchObject({ exitCode: 0 });
    expect(asked()).toBe('update -q\ninstall -q -y --no-install-recommends chromium\n');
  });
});

describe('how it ends', () => {
  test('with 3 where tests fail, each of them named at the end', async () => {
    const finished = await run('-k', 'broken');
    expect(finished).toMatchObject({ exitCode: 3 });
    expect(finished.output.trimEnd().split('\n').slice(-9)).toEqual(
      [
        'Failed',
        '  broken  packages/broken/test/integration/names.integration.test.mjs',
        '    </script><b>"bold" & it\'s',
        '      Error: one <i>thing</i>',
        '',
        expect.stringMatching(/^Tests: {2}1 files in 1 projects/),
        expect.stringMatching(/^Report: logs\/integration-tests\/[\dT-]+\/report\.html$/),
        expect.stringMatching(/^Logs: {3}logs\//),
        '',
        '1 passed, 1 failed',
      ].slice(-9),
    );
    expect(workspace.latest('junit/broken.xml')).toContain('message="Error: one &lt;i&gt;thing&lt;/i&gt;"');
    expect(workspace.latest('report.html')).not.toContain('</script>');
    expect(workspace.latest('jest/broken.log')).toContain('1 failed');
  });

  test('with 2 where a service cannot be had, which it names', async () => {
    const nowhere = { TEST_REDIS_HOST: '127.0.0.1', TEST_REDIS_PORT: '1' };
    const finished = await run(nowhere, '-k', 'depot');
    expect(finished).toMatchObject({ exitCode: 2 });
    expect(finished.output).toMatch(/\n {2}redis +EXTERNAL_NOT_REACHABLE: /);
    expect(JSON.parse(workspace.latest('summary.json'))).toMatchObject({
      verdict: 'no-services',
      exitCode: 2,
    });
  });

  test('with 2 where the provider has no such service', async () => {
    const finished = await run('-k', 'depot', '--provider', 'external');
    expect(finished).toMatchObject({ exitCode: 2 });
    expect(finished.output).toContain('EXTERNAL_NOT_CONFIGURED');
  });

  test('with 1 where the option is wrong, and says which there are', async () => {
    const finished = await run('--quik');
    expect(finished).toMatchObject({ exitCode: 1 });
    expect(finished.output).toMatch(/^There is no option --quik; there are .*--quick/);
    const absent = await run('-f', 'nowhere');
    expect(absent).toMatchObject({ exitCode: 1 });
    expect(absent.output).toMatch(
      /No test fits -f nowhere\.\nProjects: broken, depot, ledger, shop, stubborn\./,
    );
  });

  test('with 1 where it takes longer than --timeout allows, and leaves nothing', async () => {
    const finished = await run('-k', 'stubborn', '--timeout', '1');
    expect(finished).toMatchObject({ exitCode: 1 });
    expect(finished.output).toContain('took longer than --timeout 1 s');
    await workspace.untilNothingRemains();
  });

  test('with 0 and the usage where help is asked for', async () => {
    const { stdout } = await promisify(execFile)(join(repository, 'integration'), ['--help']);
    expect(stdout).toMatch(/^usage: \.\/integration \[options\]/);
  });
});

describe('Ctrl-C', () => {
  async function begun(): Promise<Started> {
    const started = workspace.run('-k', 'stubborn');
    const folder = join(workspace.root, 'packages/stubborn');
    const signs = (): number => readdirSync(folder).filter((name) => name.startsWith('begun')).length;
    const before = signs();
    await workspace.until(() => signs() > before, 'the test has begun');
    return started;
  }

  test('ends everything, with 130 and a report of what there was', async () => {
    const started = await begun();
    started.process.kill('SIGINT');
    const finished = await started.finished;
    expect(finished).toMatchObject({ exitCode: 130 });
    expect(JSON.parse(workspace.latest('summary.json'))).toMatchObject({ verdict: 'interrupted' });
    await workspace.untilNothingRemains();
  });

  test('twice leaves nothing either', async () => {
    const started = await begun();
    started.process.kill('SIGINT');
    started.process.kill('SIGINT');
    await workspace.until(() => started.process.exitCode !== null, 'it has ended');
    expect(await started.finished).toMatchObject({ exitCode: 130 });
    await workspace.untilNothingRemains();
  });
});

describe('clearing up', () => {
  const phase = async (): Promise<string | undefined> =>
    (await servicesStatus({ workspaceRoot: workspace.root }))?.services.find(
      ({ service }) => service === 'redis',
    )?.phase;

  test('--keep-services leaves them running, and --cleanup-only stops them and says so', async () => {
    const kept = await run('-k', 'depot', '--keep-services');
    expect(kept).toMatchObject({ exitCode: 0 });
    expect(kept.output).toContain('npx nx run services:down');
    expect(await phase()).toBe('running');
    const cleaned = await run('--cleanup-only');
    expect(cleaned).toEqual({ exitCode: 0, output: 'Stopped redis.\n' });
    await workspace.untilNothingRemains();
    expect(await run('--cleanup-only')).toEqual({ exitCode: 0, output: 'There was nothing to clean up.\n' });
  });

  test('--no-cleanup keeps what the failed test had leased, and nothing else, until --cleanup-only', async () => {
    const finished = await run('-k', 'ledger', '--no-cleanup');
    expect(finished).toMatchObject({ exitCode: 3 });
    const [, name] =
      /Kept .*\n {2}keyspace {2}(kept:\S+) {2}ledger: an entry is lost\n\n/.exec(finished.output) ?? [];
    const status = await servicesStatus({ workspaceRoot: workspace.root });
    const servers = endpointsOf(status?.services.flatMap(({ offer }) => offer ?? []) ?? []);
    expect(await findKept(servers)).toEqual([{ kind: 'keyspace', name }]);
    const cleaned = await run('--cleanup-only');
    expect(cleaned.output).toBe(
      `Removed keyspace ${name ?? ''}, which a failed test had leased.\nStopped redis.\n`,
    );
    await workspace.untilNothingRemains();
  });

  test('--cleanup-only removes what a killed supervisor left', async () => {
    await run('-k', 'depot', '--keep-services');
    const status = await servicesStatus({ workspaceRoot: workspace.root });
    process.kill(status?.pid ?? 0, 'SIGKILL');
    await workspace.until(
      () => workspace.remains().every((what) => !what.startsWith('process')),
      'it is dead',
    );
    const cleaned = await run('--cleanup-only');
    // Another workspace's supervisor sweeps as well, and may have been faster.
    expect(cleaned.output).toMatch(
      /^(Removed \S+, which a killed run had left|There was nothing to clean up)\./,
    );
    await workspace.untilNothingRemains();
  });

  test('--cleanup-only does all that it can without a server that is down, and ends with 1 and says what it could not', async () => {
    await run('-k', 'depot', '--keep-services');
    const down = {
      TEST_POSTGRES_HOST: '127.0.0.1',
      TEST_POSTGRES_PORT: '1',
      TEST_S3_ENDPOINT: 'here:no-port',
    };
    const cleaned = await run(down, '--cleanup-only');
    expect(cleaned).toMatchObject({ exitCode: 1 });
    expect(cleaned.output).toMatch(/^Could not look for what tests have left on postgres: .*127\.0\.0\.1:1/m);
    expect(cleaned.output).toMatch(/^Could not tell where object-store is: .*TEST_S3_ENDPOINT/m);
    expect(cleaned.output).toContain('Stopped redis.\n');
    await workspace.untilNothingRemains();
  });

  test('--cleanup-only sweeps all the same where the supervisor does not speak', async () => {
    await using supervisor = await fakeSupervisor(workspace.root);
    const cleaned = await run('--cleanup-only');
    expect(cleaned).toMatchObject({ exitCode: 1 });
    expect(cleaned.output).toContain('Could not stop the services: ');
    expect(supervisor.asked).toContain('down');
    await workspace.untilNothingRemains();
  });

  test.each([
    ['--affected', '--base=HEAD', 0],
    ['--affected', '--base=nonsense', 1],
  ])('in CI, %s %s ends with %i though services cannot be stopped, which is said', async (...given) => {
    const exitCode = given.pop();
    await using supervisor = await fakeSupervisor(workspace.root);
    const finished = await run({ CI: 'true' }, ...(given as string[]));
    expect(finished).toMatchObject({ exitCode });
    expect(finished.output).toContain('Could not stop the services: ');
    expect(supervisor.asked).toEqual(['down']);
  });

  test.each(['HEAD', 'nonsense'])(
    'in CI, --keep-services keeps them after --base=%s as well',
    async (base) => {
      await using supervisor = await fakeSupervisor(workspace.root);
      await run({ CI: 'true' }, '--affected', `--base=${base}`, '--keep-services');
      expect(supervisor.asked).toEqual([]);
    },
  );

  test('only the last 10 runs are kept', async () => {
    const results = join(workspace.root, 'logs/integration-tests');
    const runs = (): string[] => readdirSync(results).filter((name) => /^\d{4}-/.test(name));
    for (let day = 10; day < 22; day += 1)
      mkdirSync(join(results, `2001-01-${String(day)}T00-00-00`), { recursive: true });
    const nowhere = { TEST_REDIS_HOST: '127.0.0.1', TEST_REDIS_PORT: '1' };
    // A run that ends where Nx would begin.
    expect(await run(nowhere, '-k', 'depot', '--keep-services')).toMatchObject({ exitCode: 2 });
    expect(runs()).toHaveLength(10);
    expect(runs()).not.toContain('2001-01-12T00-00-00');
    expect(JSON.parse(workspace.latest('summary.json'))).toMatchObject({ verdict: 'no-services' });
  });
});
