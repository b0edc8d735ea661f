import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { PublicPackage } from '../../src/public-packages.js';
import { run } from './run.js';

export interface PackedPackage {
  readonly tarball: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Paths of the files, as npm gives them. */
  readonly files: readonly string[];
}

const packed = z.array(
  z.object({ name: z.string(), filename: z.string(), files: z.array(z.object({ path: z.string() })) }),
);

/** Packs packages as `npm publish` would, with one call of npm. They have to be built. */
export async function packPackages(
  repository: string,
  packages: readonly PublicPackage[],
  folder: string,
): Promise<Map<string, PackedPackage>> {
  const workspaces = packages.map(({ name }) => `--workspace=${name}`);
  const report = await run('npm', ['pack', '--json', `--pack-destination=${folder}`, ...workspaces], {
    cwd: repository,
  });
  return new Map(
    packed.parse(JSON.parse(report)).map(({ name, filename, files }) => {
      const tarball = join(folder, filename);
      return [
        name,
        { tarball, bytes: new Uint8Array(readFileSync(tarball)), files: files.map(({ path }) => path) },
      ];
    }),
  );
}
