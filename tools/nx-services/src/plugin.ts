import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import {
  type CreateDependencies,
  type CreateNodes,
  createNodesFromFiles,
  type NxJsonConfiguration,
} from '@nx/devkit';
import { inferDependencies } from './infer/infer-dependencies.js';
import {
  defaultOptions,
  inferTargets,
  ownConfig,
  type PluginOptions,
  type WorkspaceTraits,
} from './infer/infer-targets.js';
import { packagesNamedIn, readDeclaration } from './infer/manifest.js';
import { variablesAskedIn } from './infer/service-inputs.js';
import { inferService, serviceFiles, serviceOf } from './infer/service-project.js';

export const name = '@sqlflow/nx-services';

/**
 * Gives every project whose package.json has `nx.metadata.services` a cacheable `integration` target, and every folder
 * docker/<service>/ a project that stands for the service.
 */
export const createNodes: CreateNodes<Partial<PluginOptions>> = [
  `{**/package.json,${serviceFiles}}`,
  (files, given, context) => {
    const options = { ...defaultOptions, ...given };
    const traits = traitsOf(context.workspaceRoot, context.nxJsonConfiguration, files);
    const isManifest = (file: string): boolean => posix.basename(file) === 'package.json';
    const defined = files.filter((file) => !isManifest(file)).map(serviceOf);
    return createNodesFromFiles(
      (file) => {
        const root = posix.dirname(file);
        if (!isManifest(file))
          return { projects: { [root]: inferService(serviceOf(file), options.servicesProject) } };
        const { name, services, targetName } = readDeclaration(
          readJson(context.workspaceRoot, file),
          defined,
        );
        if (services === undefined) return {};
        const hasOwnConfig = existsSync(join(context.workspaceRoot, root, ownConfig));
        const project = { name: name ?? posix.basename(root), root, services, hasOwnConfig, targetName };
        return { projects: { [root]: inferTargets(project, options, traits) } };
      },
      files,
      options,
      context,
    );
  },
];

/** Makes each project depend on the services that it declares, and on the tools that its targets run with. */
export const createDependencies: CreateDependencies<Partial<PluginOptions>> = (_, context) =>
  inferDependencies(context);

function traitsOf(
  workspaceRoot: string,
  nxJson: NxJsonConfiguration,
  files: readonly string[],
): WorkspaceTraits {
  const composeFiles = files.filter((file) => posix.basename(file) === 'compose.yml');
  const askedIn = (file: string): string[] =>
    variablesAskedIn(readFileSync(join(workspaceRoot, file), 'utf8'));
  return {
    composeVariables: Object.fromEntries(composeFiles.map((file) => [serviceOf(file), askedIn(file)])),
    packages: packagesNamedIn(readJson(workspaceRoot, 'package.json')),
    hasProduction: 'production' in (nxJson.namedInputs ?? {}),
  };
}

function readJson(workspaceRoot: string, file: string): unknown {
  return JSON.parse(readFileSync(join(workspaceRoot, file), 'utf8'));
}
