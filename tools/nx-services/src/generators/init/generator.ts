import { readFileSync } from 'node:fs';
import {
  addDependenciesToPackageJson,
  type GeneratorCallback,
  getProjects,
  joinPathFragments,
  type NxJsonConfiguration,
  readJson,
  type Tree,
  updateJson,
  writeJson,
} from '@nx/devkit';
import { builtInServices } from '@sqlflow/service-runtime';
import { z } from 'zod';
import { copyUnlessThere, templates } from '../templates.js';

export interface InitOptions {
  readonly skipPackageJson?: boolean;
}

const plugin = '@sqlflow/nx-services/plugin';
const targets = ['down', 'status', 'logs', 'doctor', 'install'];

/** Sets the plugin up in a workspace. Run twice, it changes nothing the second time. */
export default function init(tree: Tree, options: InitOptions): GeneratorCallback {
  addPlugin(tree);
  addServicesProject(tree);
  for (const service of builtInServices) {
    copyUnlessThere(tree, joinPathFragments(templates, 'docker', service), `docker/${service}`, {});
  }
  ignoreLogs(tree);
  const install = options.skipPackageJson === true ? () => undefined : addDependencies(tree);
  return install;
}

function addPlugin(tree: Tree): void {
  updateJson<NxJsonConfiguration>(tree, 'nx.json', (nxJson) => {
    const plugins = nxJson.plugins ?? [];
    const isThere = plugins.some((entry) => (typeof entry === 'string' ? entry : entry.plugin) === plugin);
    return isThere ? nxJson : { ...nxJson, plugins: [...plugins, plugin] };
  });
}

/** A project of another name may have these targets: the plugin's option `servicesProject` says which. */
function addServicesProject(tree: Tree): void {
  if (tree.exists('docker/project.json') || getProjects(tree).has('services')) return;
  writeJson(tree, 'docker/project.json', {
    name: 'services',
    targets: {
      // What it says as a dependency is kept; asked for by name it always runs.
      up: { executor: '@sqlflow/nx-services:up', cache: true, outputs: [] },
      ...Object.fromEntries(
        targets.map((name) => [name, { executor: `@sqlflow/nx-services:${name}`, cache: false }]),
      ),
    },
  });
}

function ignoreLogs(tree: Tree): void {
  const ignored = tree.exists('.gitignore') ? (tree.read('.gitignore', 'utf8') ?? '') : '';
  const lines = ignored.split('\n').map((line) => line.trim());
  if (['logs', 'logs/', '/logs', '/logs/'].some((line) => lines.includes(line))) return;
  const separator = ignored === '' || ignored.endsWith('\n') ? '' : '\n';
  tree.write('.gitignore', `${ignored}${separator}/logs/\n`);
}

const manifestSchema = z.object({
  version: z.string(),
  devDependencies: z.record(z.string(), z.string()).default({}),
  dependencies: z.record(z.string(), z.string()).default({}),
});

/** What the suites need beside the plugin. What the workspace has already, in whatever version, is left alone. */
function addDependencies(tree: Tree): GeneratorCallback {
  const own = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  const { version } = manifestSchema.parse(JSON.parse(own));
  const present = manifestSchema.partial().parse(readJson(tree, 'package.json'));
  const wanted = { '@sqlflow/test-harness': version, jest: '^30.0.0' };
  const missing = Object.entries(wanted).filter(
    ([name]) => !(name in { ...present.dependencies, ...present.devDependencies }),
  );
  return missing.length === 0
    ? () => undefined
    : addDependenciesToPackageJson(tree, {}, Object.fromEntries(missing));
}
