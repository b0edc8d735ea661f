import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type CreateNodes, createNodesFromFiles } from '@nx/devkit';
import { declaredServices } from '@sqlflow/service-runtime';
import { z } from 'zod';
import { defaultOptions, inferTargets, type PluginOptions } from './infer/infer-targets.js';

/** Gives every project whose package.json has `nx.metadata.services` a cacheable `integration` target. */
export const createNodes: CreateNodes<Partial<PluginOptions>> = [
  '**/package.json',
  (files, options, context) =>
    createNodesFromFiles(
      (file, given) => {
        const manifest: unknown = JSON.parse(readFileSync(join(context.workspaceRoot, file), 'utf8'));
        const services = declaredServices(manifest, file);
        if (services === undefined) return {};
        const root = dirname(file);
        const project = { name: projectName(manifest, root), root, services };
        return { projects: { [root]: inferTargets(project, { ...defaultOptions, ...given }) } };
      },
      files,
      options,
      context,
    ),
];

export const name = '@sqlflow/nx-services';

const named = z.object({
  name: z.string().optional(),
  nx: z.object({ name: z.string().optional() }).optional(),
});

/** As Nx names it. */
function projectName(manifest: unknown, root: string): string {
  const { name: packageName, nx } = named.parse(manifest);
  return nx?.name ?? packageName ?? basename(root);
}
