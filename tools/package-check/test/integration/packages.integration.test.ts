import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { z } from 'zod';
import { packingFaults } from '../../src/packing-faults.js';
import { publicPackages } from '../../src/public-packages.js';
import { undeclaredImports } from '../../src/undeclared-imports.js';
import { type PackedPackage, packPackages } from './packed-packages.js';

const repository = fileURLToPath(new URL('../../../..', import.meta.url));
const packages = publicPackages(repository);

const entries = z.record(
  z.string(),
  z.object({ implementation: z.string().optional(), factory: z.string().optional(), schema: z.string() }),
);

let folder: string;
let packed: Map<string, PackedPackage>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sqlflow-packed-'));
  packed = await packPackages(repository, packages, folder);
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe.each(packages)('$name', ({ name, folder: source, dependencies }) => {
  test('has licence, README, build and sources in its tarball, and no tests', () => {
    expect(packingFaults(packed.get(name)!.files)).toEqual([]);
    expect(readFileSync(join(repository, source, 'LICENSE'), 'utf8')).toBe(
      readFileSync(join(repository, 'LICENSE'), 'utf8'),
    );
  });

  test('has a manifest that publint has nothing against', async () => {
    const { messages, pkg } = await publint({
      pack: { tarball: packed.get(name)!.bytes.buffer },
      strict: true,
    });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
  });

  test('has types for every entry point, as ES modules resolve them', async () => {
    const analysis = await checkPackage(createPackageFromTarballData(packed.get(name)!.bytes));
    // CommonJS loads these ES modules with require(); TypeScript before 5.8 did not know, nor any `exports` in `node10`.
    const ofCommonJs: readonly unknown[] = ['node10', 'node16-cjs'];
    const problems = 'problems' in analysis ? analysis.problems : [{ kind: 'no types at all' }];
    expect(
      problems.filter(
        (problem) => !('resolutionKind' in problem && ofCommonJs.includes(problem.resolutionKind)),
      ),
    ).toEqual([]);
  });

  test('imports nothing that it does not declare', () => {
    const tarball = createPackageFromTarballData(packed.get(name)!.bytes);
    const stray = tarball
      .listFiles()
      .filter((file) => /\/(dist\/.*\.(js|d\.ts)|[^/]+\.m?js)$/.test(file))
      .flatMap((file) =>
        undeclaredImports(tarball.readFile(file), { name, dependencies }).map((each) => [file, each]),
      );
    expect(stray).toEqual([]);
  });
});

test('every executor and generator of a plugin is in its tarball, with its schema', () => {
  const registries = packages.flatMap(({ name, folder: source }) =>
    ['executors', 'generators'].map((kind) => ({
      name,
      kind,
      path: join(repository, source, `${kind}.json`),
    })),
  );
  const found = registries
    .filter(({ path }) => existsSync(path))
    .flatMap(({ name, kind, path }) => {
      const registry = z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(path, 'utf8')))[kind];
      return Object.values(entries.parse(registry)).flatMap((entry) => [
        [name, posix.normalize(`${entry.implementation ?? entry.factory ?? ''}.js`)],
        [name, posix.normalize(entry.schema)],
      ]);
    });
  expect(found.length).toBeGreaterThan(2);
  for (const [name = '', file = ''] of found) expect(packed.get(name)!.files).toContain(file);
});
