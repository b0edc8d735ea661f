import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PublicPackage, publicPackages } from './public-packages.js';

function packagesOf(manifests: Record<string, object>): PublicPackage[] {
  const repository = mkdtempSync(join(tmpdir(), 'public-packages-'));
  try {
    for (const folder of ['packages', 'tools/loose-scripts'])
      mkdirSync(join(repository, folder), { recursive: true });
    for (const [folder, manifest] of Object.entries(manifests)) {
      mkdirSync(join(repository, folder), { recursive: true });
      writeFileSync(join(repository, folder, 'package.json'), JSON.stringify(manifest));
    }
    return publicPackages(repository);
  } finally {
    rmSync(repository, { recursive: true });
  }
}

describe('public packages', () => {
  test('are those that are not private, with all that they need from this repository', () => {
    expect(
      packagesOf({
        'packages/a': { name: '@x/a' },
        'packages/b': { name: '@x/b', dependencies: { '@x/a': '1.0.0', pg: '8.0.0' } },
        'packages/c': {
          name: '@x/c',
          peerDependencies: { '@x/b': '1.0.0' },
          devDependencies: { '@x/d': '1.0.0' },
        },
        'tools/d': { name: '@x/d', private: true, dependencies: { '@x/c': '1.0.0' } },
      }),
    ).toEqual([
      { name: '@x/a', folder: 'packages/a', dependencies: [], ownDependencies: [] },
      { name: '@x/b', folder: 'packages/b', dependencies: ['@x/a', 'pg'], ownDependencies: ['@x/a'] },
      { name: '@x/c', folder: 'packages/c', dependencies: ['@x/b'], ownDependencies: ['@x/b', '@x/a'] },
    ]);
  });

  test('cannot be told from a manifest that is none', () => {
    expect(() => packagesOf({ 'packages/a': { version: '1.0.0' } })).toThrow();
  });
});
