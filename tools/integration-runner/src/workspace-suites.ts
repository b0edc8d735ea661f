import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { declaredServices } from '@sqlflow/service-runtime';
import { z } from 'zod';

/** A project with an integration suite: its package.json declares services, if only an empty list. */
export interface SuiteProject {
  /** As Nx names it. */
  readonly name: string;
  /** From the workspace's folder, with `/`. */
  readonly root: string;
  readonly services: readonly string[];
  /** Programs that its tests start themselves, each of them in the Debian package of its name. */
  readonly programs: readonly string[];
  /** The test files, from the workspace's folder. */
  readonly files: readonly string[];
}

const workspaceManifest = z.object({ workspaces: z.array(z.string()) });
const projectManifest = z.object({
  name: z.string().optional(),
  nx: z
    .object({
      name: z.string().optional(),
      /** The project whose tests it runs, if they are not its own: `packages/test-harness`. */
      metadata: z
        .object({
          testsOf: z.string().optional(),
          /** Its target, if that is not `integration`: then it is not one of these suites. */
          target: z.string().optional(),
          programs: z.array(z.string()).optional(),
        })
        .optional(),
    })
    .optional(),
});

/** Finds the integration suites of a workspace, by name. Reads files only: it takes milliseconds where Nx takes seconds. */
export function findSuites(workspaceRoot: string): SuiteProject[] {
  const { workspaces } = workspaceManifest.parse(readJson(join(workspaceRoot, 'package.json')));
  return workspaces
    .flatMap((pattern) => foldersOf(workspaceRoot, pattern))
    .flatMap((root) => readProject(workspaceRoot, root))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** `packages/*` or a folder itself: what npm workspaces of this repository are. */
function foldersOf(workspaceRoot: string, pattern: string): string[] {
  if (!pattern.endsWith('/*')) return [pattern];
  const parent = pattern.slice(0, -2);
  return list(join(workspaceRoot, parent)).map((name) => `${parent}/${name}`);
}

function readProject(workspaceRoot: string, root: string): SuiteProject[] {
  const file = join(workspaceRoot, root, 'package.json');
  let manifest: unknown;
  try {
    manifest = readJson(file);
  } catch {
    return []; // no package, or one that npm itself complains of
  }
  const services = declaredServices(manifest, file);
  if (services === undefined) return [];
  const { name, nx } = projectManifest.parse(manifest);
  if (nx?.metadata?.target !== undefined) return [];
  const folder = `${nx?.metadata?.testsOf ?? root}/test/integration`;
  const files = list(join(workspaceRoot, folder), true)
    .filter((path) => /\.integration\.test\.[cm]?[jt]s$/.test(path))
    .map((path) => `${folder}/${path}`);
  const programs = nx?.metadata?.programs ?? [];
  return [{ name: nx?.name ?? name ?? basename(root), root, services, programs, files }];
}

function list(folder: string, recursive = false): string[] {
  try {
    return readdirSync(folder, { recursive, encoding: 'utf8' }).sort();
  } catch {
    return [];
  }
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}
