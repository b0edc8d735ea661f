import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type CreateNodes, createNodesFromFiles, type NxJsonConfiguration } from '@nx/devkit';
import { declaredServices } from '@sqlflow/service-runtime';
import { z } from 'zod';
import {
  defaultOptions,
  inferTargets,
  type PluginOptions,
  type WorkspaceTraits,
} from './infer/infer-targets.js';

/** Gives every project whose package.json has `nx.metadata.services` a cacheable `integration` target. */
export const createNodes: CreateNodes<Partial<PluginOptions>> = [
  '**/package.json',
  (files, options, context) => {
    const traits = traitsOf(context.workspaceRoot, context.nxJsonConfiguration);
    return createNodesFromFiles(
      (file, given) => {
        const manifest: unknown = JSON.parse(readFileSync(join(context.workspaceRoot, file), 'utf8'));
        const services = declaredServices(manifest, file);
        if (services === undefined) return {};
        const root = dirname(file);
        const project = { name: projectName(manifest, root), root, services };
        return { projects: { [root]: inferTargets(project, { ...defaultOptions, ...given }, traits) } };
      },
      files,
      options,
      context,
    );
  },
];

export const name = '@sqlflow/nx-services';

const dependencies = z.record(z.string(), z.unknown()).default({});
const rootManifest = z.object({ dependencies, devDependencies: dependencies });

function traitsOf(workspaceRoot: string, nxJson: NxJsonConfiguration): WorkspaceTraits {
  const manifest = rootManifest.parse(JSON.parse(readFileSync(join(workspaceRoot, 'package.json'), 'utf8')));
  return {
    hasJest: 'jest' in { ...manifest.dependencies, ...manifest.devDependencies },
    hasProduction: 'production' in (nxJson.namedInputs ?? {}),
  };
}

const named = z.object({
  name: z.string().optional(),
  nx: z.object({ name: z.string().optional() }).optional(),
});

/** As Nx names it. */
function projectName(manifest: unknown, root: string): string {
  const { name: packageName, nx } = named.parse(manifest);
  return nx?.name ?? packageName ?? basename(root);
}
