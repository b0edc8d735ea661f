import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
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
import { identify, runtimeFolders, stopServices, systemClock, thisHost } from '@sqlflow/service-runtime';

export const repository = fileURLToPath(new URL('../../../..', import.meta.url));

export interface Finished {
  readonly exitCode: number | null;
  readonly output: string;
}

export interface Started {
  readonly process: ChildProcess;
  readonly finished: Promise<Finished>;
}

export type RunArguments = (string | Readonly<Record<string, string>>)[];

export interface ScratchProject {
  readonly name: string;
  readonly services?: readonly string[];
  /** ES modules by their name: `orders` is test/integration/orders.integration.test.mjs. */
  readonly tests: Readonly<Record<string, string>>;
  readonly sources?: Readonly<Record<string, string>>;
}

/** A small Nx workspace of a test's own, in which the runner of this repository runs as it does at home. */
export interface ScratchWorkspace extends AsyncDisposable {
  readonly root: string;
  /** With variables first, if there are any. */
  run(...args: RunArguments): Started;
  /** A file of the last run. */
  latest(file: string): string;
  /** Processes that have to do with this workspace, and folders of its services. */
  remains(): string[];
  untilNothingRemains(): Promise<void>;
  until(condition: () => boolean, what: string): Promise<void>;
}

/** A machine that does something else as well. */
const patienceMs = 60_000;
const pollMs = 50; // to look takes 1 to 3 ms of processor time

export function scratchWorkspace(projects: readonly ScratchProject[]): ScratchWorkspace {
  const root = scratchFolder('sqlflow-runner-');
  const write = (path: string, content: string | object): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content));
  };
  symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'));
  write('.gitignore', 'node_modules\nlogs\n.nx\ncoverage\nbegun*\n');
  write('package.json', { name: 'scratch', private: true, workspaces: ['packages/*'] });
  write('nx.json', {
    analytics: false,
    neverConnectToCloud: true,
    cacheDirectory: '.nx/cache',
    tui: { enabled: false },
  });
  for (const project of projects) writeProject(project, write);
  for (const args of [
    ['init', '-q'],
    ['add', '-A'],
    ['commit', '-qm', 'Begin'],
  ])
    git(root, args);
  const folders = runtimeFolders(root, thisHost());
  const remains = (): string[] => [
    ...processesOf(root, folders.data),
    ...[folders.control, folders.data].filter((folder) => existsSync(folder)),
  ];
  const until = async (condition: () => boolean, what: string): Promise<void> => {
    const deadline = systemClock.nowMs() + patienceMs;
    while (!condition()) {
      if (systemClock.nowMs() > deadline) throw new Error(`waited in vain until ${what}`);
      await systemClock.sleep(pollMs);
    }
  };
  return {
    root,
    run: (...args) =>
      start(
        root,
        args.filter((argument) => typeof argument === 'string'),
        Object.assign({}, ...args.filter((argument) => typeof argument === 'object')) as Record<
          string,
          string
        >,
      ),
    latest: (file) => readFileSync(join(root, 'logs/integration-tests/latest', file), 'utf8'),
    remains,
    until,
    untilNothingRemains: () =>
      until(() => remains().length === 0, 'nothing remains').catch((error: unknown) => {
        throw new Error(`still there: ${remains().join('; ')}`, { cause: error });
      }),
    [Symbol.asyncDispose]: async () => {
      await stopServices({ workspaceRoot: root, force: true }).catch(() => undefined);
      rmSync(root, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function writeProject(
  { name, services = [], tests, sources = {} }: ScratchProject,
  write: (path: string, content: string | object) => void,
): void {
  const folder = `packages/${name}`;
  const result = `../../logs/integration-tests/${name}`;
  // What tools/nx-services infers, without the plugin, which would have to be built first.
  const integration = {
    executor: 'nx:run-commands',
    cache: true,
    outputs: ['json', 'services.json'].map(
      (kind) => `{workspaceRoot}/logs/integration-tests/${name}.${kind}`,
    ),
    options: {
      cwd: '{projectRoot}',
      command: `jest --selectProjects integration --json --outputFile=${result}.json`,
      env: {
        NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning',
        TEST_SERVICES_REPORT: `${result}.services.json`,
      },
    },
  };
  write(`${folder}/package.json`, {
    name,
    version: '0.0.1',
    type: 'module',
    nx: { metadata: { services }, targets: { integration } },
  });
  write(`${folder}/jest.config.mjs`, jestConfig);
  for (const [file, content] of Object.entries(tests)) {
    write(`${folder}/test/integration/${file}.integration.test.mjs`, content);
  }
  for (const [file, content] of Object.entries(sources)) write(`${folder}/src/${file}`, content);
}

const loader = join(repository, 'tools/source-loader');
const jestConfig = `
import { suites } from ${JSON.stringify(join(repository, 'jest.preset.mjs'))};
export default {
  passWithNoTests: true,
  reporters: suites.reporters,
  coverageProvider: 'v8',
  testTimeout: 60_000,
  projects: [
    {
      displayName: 'integration',
      globalSetup: ${JSON.stringify(join(loader, 'jest-global-setup.mjs'))},
      globalTeardown: ${JSON.stringify(join(loader, 'jest-global-teardown.mjs'))},
      testMatch: ['<rootDir>/test/integration/*.integration.test.mjs'],
      transform: {},
    },
  ],
};
`;

function git(root: string, args: readonly string[]): void {
  const identity = ['-c', 'user.name=test', '-c', 'user.email=test@example.org'];
  execFileSync('git', [...identity, ...args], { cwd: root, stdio: 'ignore' });
}

function start(root: string, args: readonly string[], variables: Record<string, string>): Started {
  const program = join(repository, 'tools/integration-runner/src/main.ts');
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--import', join(loader, 'register.mjs'), program, ...args],
    {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      // No CI: there it would install a browser. Services stop with their last lease.
      env: {
        ...withoutOurOwn(process.env),
        SERVICES_KEEP_WARM_MS: '0',
        NX_DAEMON: 'false',
        NX_ISOLATE_PLUGINS: 'false',
        ...variables,
      },
    },
  );
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const finished = Promise.all([text(child.stdout), text(child.stderr), exited]).then(
    ([out, err, exitCode]) => ({ exitCode, output: err + out }),
  );
  return { process: child, finished };
}

/** An Nx that runs in an Nx task, or a Jest in a Jest, takes its surroundings for its own. */
function withoutOurOwn(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const own =
    /^(NX_|JEST_|TEST_|SERVICES_|CI$|FORCE_COLOR$|INTEGRATION_TESTS$|LOG_LEVEL$|NODE_|INIT_CWD$|npm_)/;
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !own.test(name)));
}

/** Makes a folder, and removes those that killed test runs left. The name tells whose it is. */
function scratchFolder(prefix: string): string {
  for (const name of readdirSync(tmpdir()).filter((found) => found.startsWith(prefix))) {
    const owner = Number(name.slice(prefix.length).split('-')[0]);
    if (identify(owner) === undefined) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
  return realpathSync(mkdtempSync(join(tmpdir(), `${prefix}${String(process.pid)}-`)));
}

/** By their arguments or the folder that they stand in. */
function processesOf(...folders: readonly string[]): string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && name !== String(process.pid));
  return pids.flatMap((pid) => {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      const where = readlinkSync(`/proc/${pid}/cwd`);
      const isOurs = [command, where].some((found) => folders.some((folder) => found.includes(folder)));
      return isOurs && command !== '' ? [`process ${pid} ${command}`] : [];
    } catch {
      return []; // it has just ended
    }
  });
}
