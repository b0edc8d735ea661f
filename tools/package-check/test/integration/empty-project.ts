import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stopServices } from '@sqlflow/service-runtime';
import { type ReadmeFile } from '../../src/readme-files.js';
import { run } from './run.js';

/** A folder like that of a newcomer who begins with nothing but the README. */
export interface EmptyProject extends AsyncDisposable {
  readonly folder: string;
  /** Runs a program of Node in it, with these variables, and answers what it printed. */
  node(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<string>;
}

export interface EmptyProjectOptions {
  readonly repository: string;
  /** What npm installs. Nothing else of the repository is to be found, nor what the packages do not declare. */
  readonly tarballs: readonly string[];
  /** The newcomer's own tools, by name: links to those of the repository, since their installation is not tested. */
  readonly tools: readonly string[];
  readonly files: readonly ReadmeFile[];
}

export async function emptyProject(options: EmptyProjectOptions): Promise<EmptyProject> {
  const { repository, tarballs, tools, files } = options;
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sqlflow-newcomer-')));
  const project: EmptyProject = {
    folder,
    node: (args, env = {}) => run(process.execPath, args, { cwd: folder, env: { NO_COLOR: '1', ...env } }),
    [Symbol.asyncDispose]: async () => {
      await stopServices({ workspaceRoot: folder, force: true }).catch(() => undefined);
      rmSync(folder, { recursive: true, force: true });
    },
  };
  try {
    for (const { path, text } of files) write(join(folder, path), text);
    if (!files.some(({ path }) => path === 'package.json'))
      write(
        join(folder, 'package.json'),
        JSON.stringify({ name: 'newcomer', private: true, type: 'module' }),
      );
    if (!files.some(({ path }) => path === 'tsconfig.json'))
      write(join(folder, 'tsconfig.json'), JSON.stringify(strictest));
    await install(folder, tarballs);
    for (const tool of tools)
      link(join(repository, 'node_modules', tool), join(folder, 'node_modules', tool));
  } catch (error) {
    await project[Symbol.asyncDispose]();
    throw error;
  }
  return project;
}

const strictest = {
  compilerOptions: {
    module: 'nodenext',
    target: 'es2022',
    lib: ['es2023', 'esnext.disposable'],
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes: true,
  },
};

async function install(folder: string, tarballs: readonly string[]): Promise<void> {
  const quick = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'];
  await run('npm', ['install', ...quick, ...tarballs], { cwd: folder });
}

function write(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

function link(target: string, path: string): void {
  if (existsSync(path)) return; // a package brings it along
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path);
}
