import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Finished, repository, scratchFolder, startNx } from './scratch-nx-workspace.js';

/** The copy's own sources: by its name Nx would find the plugin that is built in this repository. */
const ownPlugin = '"./tools/nx-services/src/plugin.ts", "options": { "command": "echo ran" }';

/** This repository as it stands, committed in a folder of a test's own. Its suites say "ran" and do nothing else. */
export interface RepositoryCopy extends Disposable {
  readonly root: string;
  nx(args: readonly string[], variables?: Readonly<Record<string, string>>): Promise<Finished>;
  /** Writes a file anew. `change` is given what it holds, '' if there is none. */
  edit(path: string, change: (content: string) => string): void;
  /** Takes back all that was not committed. */
  reset(): void;
}

/** @param added - Files that this repository does not have, by path. */
export function repositoryCopy(added: Readonly<Record<string, string>> = {}): RepositoryCopy {
  const root = scratchFolder('sqlflow-copy-');
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: root, encoding: 'utf8' });
  const read = (path: string): string => readFileSync(join(root, path), { encoding: 'utf8', flag: 'a+' });
  const edit: RepositoryCopy['edit'] = (path, change) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), change(read(path)));
  };
  for (const file of trackedFiles()) cpSync(join(repository, file), join(root, file));
  for (const [path, content] of Object.entries(added)) edit(path, () => content);
  edit('nx.json', (content) => content.replace('"@sqlflow/nx-services/plugin"', ownPlugin));
  symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'));
  git('init', '--quiet', '--initial-branch=main');
  git('add', '--all');
  git('-c', 'user.name=test', '-c', 'user.email=test@example.com', 'commit', '--quiet', '--message=Base');
  return {
    root,
    edit,
    nx: (args, variables) => startNx(root, args, variables).finished,
    reset: () => {
      git('checkout', '--quiet', '.');
      git('clean', '--quiet', '-d', '--force');
    },
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** What is committed or could be: no build, no log. */
function trackedFiles(): string[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: repository,
    encoding: 'utf8',
  });
  return listed.split('\0').filter((file) => file !== '');
}
