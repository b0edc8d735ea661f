import { type ChildProcess, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import {
  identify,
  type RuntimeFolders,
  runtimeFolders,
  stopServices,
  systemClock,
  thisHost,
} from '@sqlflow/service-runtime';

export const repository = fileURLToPath(new URL('../../../..', import.meta.url));

export interface Finished {
  readonly exitCode: number | null;
  readonly output: string;
}

export interface Started {
  readonly process: ChildProcess;
  readonly finished: Promise<Finished>;
}

/** An Nx workspace of a test's own that uses the built packages, as one that has installed them from npm would. */
export interface ScratchNxWorkspace extends AsyncDisposable {
  readonly root: string;
  readonly folders: RuntimeFolders;
  nx(...args: string[]): Started;
  /** Plain Jest in the folder of a project. */
  jest(project: string): Started;
  remains(): string[];
  untilNothingRemains(withinMs?: number): Promise<void>;
}

export interface ScratchProject {
  readonly name: string;
  readonly services: readonly string[];
  /** An ES module's text. */
  readonly test: string;
}

/** A suite that holds its service for a while and uses it. */
export const onRedis: ScratchProject = {
  name: 'on-redis',
  services: ['redis'],
  test: `import { describeIntegration, leaseKeyspace } from '@sqlflow/test-harness';
describeIntegration('redis', () => {
  test('writes and reads', async () => {
    const keyspace = await leaseKeyspace();
    await keyspace.client.set(keyspace.prefix + 'a', '1');
    expect(await keyspace.client.get(keyspace.prefix + 'a')).toBe('1');
    await keyspace[Symbol.asyncDispose]();
  });
});
`,
};

export function scratchNxWorkspace(projects: readonly ScratchProject[]): ScratchNxWorkspace {
  const root = scratchFolder('sqlflow-nx-');
  const write = (path: string, content: string | object): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content));
  };
  symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'));
  write('package.json', { name: 'scratch', private: true, workspaces: ['packages/*'] });
  write('nx.json', {
    analytics: false,
    neverConnectToCloud: true,
    cacheDirectory: '.nx/cache',
    tui: { enabled: false },
    plugins: ['@sqlflow/nx-services/plugin'],
  });
  write('services/project.json', {
    name: 'services',
    targets: Object.fromEntries(
      ['up', 'down', 'status', 'logs', 'doctor', 'install'].map((name) => [
        name,
        { executor: `@sqlflow/nx-services:${name}`, cache: false },
      ]),
    ),
  });
  for (const { name, services, test } of projects) {
    write(`packages/${name}/package.json`, {
      name,
      version: '0.0.1',
      type: 'module',
      nx: { metadata: { services } },
    });
    write(`packages/${name}/jest.config.mjs`, jestConfig);
    write(`packages/${name}/test/${name}.test.mjs`, test);
  }
  const folders = runtimeFolders(root, thisHost());
  const remains = (): string[] => [
    ...processesOf(root, folders),
    ...[folders.control, folders.data].filter(existsSync),
  ];
  return {
    root,
    folders,
    nx: (...args) => startNx(root, args),
    jest: (project) =>
      start(join(root, 'packages', project), [join(repository, 'node_modules/jest/bin/jest.js')]),
    remains,
    untilNothingRemains: async (withinMs = 20_000) => {
      const deadline = systemClock.nowMs() + withinMs;
      while (remains().length > 0) {
        if (systemClock.nowMs() > deadline) throw new Error(`still there: ${remains().join('; ')}`);
        await systemClock.sleep(50); // to look takes 1 to 3 ms of processor time
      }
    },
    [Symbol.asyncDispose]: async () => {
      await stopServices({ workspaceRoot: root, force: true }).catch(() => undefined);
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** Makes a folder of this process, and removes those that killed test runs left. The name tells whose it is. */
export function scratchFolder(prefix: string): string {
  for (const name of readdirSync(tmpdir()).filter((found) => found.startsWith(prefix))) {
    const owner = Number(name.slice(prefix.length).split('-')[0]);
    if (identify(owner) === undefined) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
  return realpathSync(mkdtempSync(join(tmpdir(), `${prefix}${String(process.pid)}-`)));
}

const jestConfig = `export default {
  projects: [
    {
      displayName: 'integration',
      preset: '@sqlflow/test-harness',
      testMatch: ['<rootDir>/test/*.test.mjs'],
      transform: {},
    },
  ],
};
`;

/** Nx in a workspace, as it runs in CI and with these variables. */
export function startNx(
  workspace: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Started {
  return start(workspace, [join(repository, 'node_modules/nx/dist/bin/nx.js'), ...args], variables);
}

function start(
  cwd: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Started {
  const child = spawn(process.execPath, args, {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...withoutOurOwn(process.env),
      CI: 'true', // services stop with their last lease
      NO_COLOR: '1',
      NX_DAEMON: 'false',
      NX_ISOLATE_PLUGINS: 'false',
      NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning',
      ...variables,
    },
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const finished = Promise.all([text(child.stdout), text(child.stderr), exited]).then(
    ([out, err, exitCode]) => ({
      exitCode,
      output: out + err,
    }),
  );
  return { process: child, finished };
}

/** An Nx that runs in an Nx task, or a Jest in a Jest, takes its surroundings for its own. */
function withoutOurOwn(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const own = /^(NX_|JEST_|TEST_|SERVICES_|FORCE_COLOR$|INTEGRATION_TESTS$|NODE_ENV$|INIT_CWD$|npm_)/;
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !own.test(name)));
}

/** Every process that has to do with this workspace: by its arguments or by the folder that it stands in. */
function processesOf(root: string, folders: RuntimeFolders): string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && name !== String(process.pid));
  return pids.flatMap((pid) => {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      const where = readlinkSync(`/proc/${pid}/cwd`);
      const isOurs = [command, where].some((found) => found.includes(root) || found.includes(folders.data));
      return isOurs && command !== '' ? [`process ${pid} ${command}`] : [];
    } catch {
      return []; // it has just ended
    }
  });
}
