import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { install, planInstall, stopServices, thisHost } from '@sqlflow/service-runtime';
import { scratchFolder } from './scratch-nx-workspace.js';

const repository = fileURLToPath(new URL('../../../..', import.meta.url));
const run = promisify(execFile);
const minutes = 60_000;

/** What the generated service.mjs leaves to be filled in, filled in for memcached. */
const filledIn = [
  ["const question = ''; // such as 'version\\r\\n'", "const question = 'version\\r\\n';"],
  ['const answer = /^$/; // such as /^VERSION (\\S+)/', 'const answer = /^VERSION (\\S+)/;'],
  [
    "args: ['--host', host, '--port', String(port), '--data', dataFolder]",
    "args: ['-l', host, '-p', String(port), '-U', '0', '-u', 'nobody']",
  ],
] as const;

test(
  'a workspace adds the plugin, a service of its own and a suite, and runs it',
  async () => {
    const root = scratchFolder('sqlflow-add-');
    const path = (name: string): string => join(root, name);
    const write = (name: string, content: object | string): void => {
      mkdirSync(dirname(path(name)), { recursive: true });
      writeFileSync(path(name), typeof content === 'string' ? content : JSON.stringify(content));
    };
    const environment = {
      ...process.env,
      NX_DAEMON: 'false',
      NX_TUI: 'false',
      CI: 'true',
      NODE_OPTIONS: '',
      SERVICES_KEEP_WARM_MS: '0',
    };
    const command = async (file: string, ...args: string[]): Promise<string> => {
      const options = { cwd: root, env: environment, timeout: 3 * minutes, maxBuffer: 2 ** 26 };
      const { stdout, stderr } = await run(file, args, options).catch((error: unknown) => {
        const { stdout: said, stderr: complained } = error as { stdout: string; stderr: string };
        throw new Error(`${[file, ...args].join(' ')} failed:\n${said}\n${complained}`);
      });
      return stdout + stderr;
    };
    const nx = (...args: string[]): Promise<string> =>
      command(process.execPath, path('node_modules/nx/dist/bin/nx.js'), ...args);
    try {
      const pack = async (folder: string): Promise<string> => {
        const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', root], {
          cwd: join(repository, folder),
          timeout: minutes,
        });
        const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
        return `file:${path(filename)}`;
      };
      const runtime = await pack('packages/service-runtime');
      const contract = await pack('packages/connector-contract');
      const harness = await pack('packages/test-harness');
      const plugin = await pack('tools/nx-services');
      const { version } = JSON.parse(
        readFileSync(join(repository, 'node_modules/nx/package.json'), 'utf8'),
      ) as { version: string };
      write('package.json', {
        name: 'shops',
        private: true,
        workspaces: ['packages/*'],
        devDependencies: {
          nx: version,
          jest: '30.5.2',
          '@sqlflow/connector-contract': contract,
          '@sqlflow/service-runtime': runtime,
          '@sqlflow/test-harness': harness,
        },
      });
      write('nx.json', { analytics: false, neverConnectToCloud: true, cacheDirectory: '.nx/cache' });
      write('packages/shop/package.json', { name: 'shop', version: '1.0.0', type: 'module' });
      await command('npm', 'install', '--prefer-offline', '--no-audit', '--no-fund');

      await nx('add', `@sqlflow/nx-services@${plugin}`);
      expect(JSON.parse(readFileSync(path('nx.json'), 'utf8'))).toMatchObject({
        plugins: expect.arrayContaining(['@sqlflow/nx-services/plugin']),
      });
      expect(existsSync(path('docker/postgres/compose.yml'))).toBe(true);

      await nx('g', '@sqlflow/nx-services:service', 'memcached', '--port=11211');
      const definition = path('docker/memcached/service.mjs');
      // Nothing is filled in yet: a box says so, no stack.
      expect(await nx('run', 'services:up', '--services=memcached').catch(String)).toMatch(
        /┌─ memcached: (BINARY_MISSING|SERVICE_DIED) ─/,
      );
      const text = filledIn.reduce(
        (found, [from, to]) => {
          expect(found).toContain(from);
          return found.replace(from, to);
        },
        readFileSync(definition, 'utf8'),
      );
      writeFileSync(definition, text);
      const plan = await planInstall(root, ['memcached'], { ...thisHost(), environment: {} });
      await install(plan, new AbortController().signal);

      await nx('g', '@sqlflow/nx-services:integration', 'shop', '--services=redis,memcached');
      const first = await nx('run', 'shop:integration');
      expect(first).toMatch(/2 passed/);
      expect(first).toMatch(/memcached: memcached 1\.\S+ at 127\.0\.0\.1:\d+ \(local, started in \d+ ms\)/);
      expect(await nx('run', 'shop:integration')).toMatch(
        /existing outputs match|local cache|from the cache/,
      );
      expect(await nx('run', 'services:doctor')).toMatch(/memcached +local \(used\) +available/);
      while (!(await nx('run', 'services:status')).includes('No service of this workspace runs.'));
    } finally {
      await stopServices({ workspaceRoot: root, force: true }).catch(() => undefined);
      await run('rm', ['-rf', root]);
    }
  },
  8 * minutes,
);
