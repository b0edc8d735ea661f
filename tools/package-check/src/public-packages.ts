import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const ranges = z.record(z.string(), z.string()).default({});
const manifest = z.object({
  name: z.string(),
  private: z.boolean().default(false),
  dependencies: ranges,
  optionalDependencies: ranges,
  peerDependencies: ranges,
});

/** A package of this repository that is published. */
export interface PublicPackage {
  readonly name: string;
  /** From the repository's folder, with `/`. */
  readonly folder: string;
  /** What npm installs with it, by its manifest. */
  readonly dependencies: readonly string[];
  /** The packages of this repository that it cannot be installed without, however indirectly. Without itself. */
  readonly ownDependencies: readonly string[];
}

/** Every package of the folders `packages` and `tools` that is not private, ordered by folder. */
export function publicPackages(repository: string): PublicPackage[] {
  const found = ['packages', 'tools']
    .flatMap((parent) => readdirSync(join(repository, parent)).map((name) => `${parent}/${name}`))
    .filter((folder) => existsSync(join(repository, folder, 'package.json')))
    .map((folder) => ({ folder, ...readManifest(join(repository, folder, 'package.json')) }))
    .filter((found) => !found.private);
  const direct = new Map(
    found.map(({ name, dependencies, optionalDependencies, peerDependencies }) => [
      name,
      Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies }),
    ]),
  );
  return found.map(({ name, folder }) => ({
    name,
    folder,
    dependencies: direct.get(name) ?? [],
    ownDependencies: reachable(name, direct),
  }));
}

function reachable(from: string, direct: ReadonlyMap<string, readonly string[]>): string[] {
  const seen = new Set([from]);
  for (const name of seen) {
    for (const dependency of direct.get(name) ?? []) if (direct.has(dependency)) seen.add(dependency);
  }
  seen.delete(from);
  return [...seen];
}

function readManifest(path: string): z.infer<typeof manifest> {
  return manifest.parse(JSON.parse(readFileSync(path, 'utf8')));
}
