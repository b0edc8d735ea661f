import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { jest } from '@jest/globals';
import { z } from 'zod';
import { publicPackages } from '../../src/public-packages.js';
import { run } from './run.js';

jest.setTimeout(240_000);

const repository = fileURLToPath(new URL('../../../..', import.meta.url));
const publicNames = publicPackages(repository).map(({ name }) => name);
const dependencies = z.record(z.string(), z.string()).default({});
const manifest = z.object({
  name: z.string(),
  version: z.string(),
  dependencies,
  devDependencies: dependencies,
});

let clone: string;
let before: string;

/** A fresh clone without tags, as a runner checks one out, with what is not yet committed here. */
beforeAll(async () => {
  clone = mkdtempSync(join(tmpdir(), 'sqlflow-release-'));
  await run('git', ['clone', '--quiet', '--no-tags', repository, clone], { cwd: repository });
  const changed = await run('git', ['ls-files', '-z', '--modified', '--others', '--exclude-standard'], {
    cwd: repository,
  });
  for (const file of new Set(changed.split('\0').filter((path) => path !== ''))) {
    if (existsSync(join(repository, file))) cpSync(join(repository, file), join(clone, file));
    else rmSync(join(clone, file), { force: true });
  }
  symlinkSync(join(repository, 'node_modules'), join(clone, 'node_modules'));
  await git('config', 'user.name', 'release test');
  await git('config', 'user.email', 'release@test.invalid');
  // .gitignore names a folder, and this is a link.
  appendFileSync(join(clone, '.git/info/exclude'), 'node_modules\n');
  await git('add', '--all');
  await git('commit', '--quiet', '--allow-empty', '--message', 'State what is released');
  before = await git('rev-parse', 'HEAD');
});
afterAll(() => {
  rmSync(clone, { recursive: true, force: true });
});

test('a dry run of a release says what it would do for every public package, and does nothing', async () => {
  const said = await nx('release', 'patch', '--dry-run', '--skip-publish');
  for (const name of publicNames) expect(said).toContain(`"name": "${name}"`);
  expect(said).toContain('Previewing an entry in CHANGELOG.md');
  expect(await git('status', '--porcelain')).toBe('');
  expect(await git('rev-parse', 'HEAD')).toBe(before);
});

test('a release gives all public packages one version, and is a commit, a tag and a changelog', async () => {
  const old = manifests();
  await nx('release', 'minor', '--skip-publish');

  // npm would fetch an old version from the registry for a range that the workspace no longer satisfies.
  expect(manifests()).toEqual(
    old.map(({ name, version, ranges }) => ({
      name,
      version: publicNames.includes(name) ? '0.1.0' : version,
      ranges: ranges.map(([other, range]) => [other, range === '*' ? '*' : '0.1.0']),
    })),
  );
  expect(readFileSync(join(clone, 'CHANGELOG.md'), 'utf8')).toContain('State what is released');
  expect(await git('tag', '--points-at', 'HEAD')).toBe('v0.1.0\n');
  expect(await git('log', '-1', '--format=%s')).toBe('Release 0.1.0\n');
  expect(await git('status', '--porcelain')).toBe('');
});

function nx(...args: string[]): Promise<string> {
  return run(process.execPath, [join(repository, 'node_modules/nx/dist/bin/nx.js'), ...args], {
    cwd: clone,
    env: { CI: 'true', NO_COLOR: '1', NX_DAEMON: 'false', NX_ISOLATE_PLUGINS: 'false' },
  });
}

function git(...args: string[]): Promise<string> {
  return run('git', args, { cwd: clone });
}

/** Name, version and what is needed of this repository, of every package in it. */
function manifests(): { name: string; version: string; ranges: [name: string, range: string][] }[] {
  return ['packages', 'tools']
    .flatMap((parent) =>
      readdirSync(join(clone, parent)).map((name) => join(clone, parent, name, 'package.json')),
    )
    .filter(existsSync)
    .map((path) => {
      const { name, version, dependencies, devDependencies } = manifest.parse(
        JSON.parse(readFileSync(path, 'utf8')),
      );
      const needed = Object.entries({ ...devDependencies, ...dependencies });
      return { name, version, ranges: needed.filter(([other]) => publicNames.includes(other)) };
    });
}
