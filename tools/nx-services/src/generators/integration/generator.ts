import { joinPathFragments, logger, readProjectConfiguration, type Tree, updateJson } from '@nx/devkit';
import { inOrder, knownServices, parseServices } from '@sqlflow/service-runtime';
import { copyUnlessThere, templates } from '../templates.js';

export interface IntegrationOptions {
  readonly project: string;
  readonly services?: readonly string[];
}

interface Manifest {
  readonly nx?: { readonly metadata?: { readonly services?: string | readonly string[] } };
}

/** Declares a project's services, and gives it a Jest configuration and a first test. */
export default function integration(tree: Tree, options: IntegrationOptions): void {
  const { root } = readProjectConfiguration(tree, options.project);
  const manifest = joinPathFragments(root, 'package.json');
  if (!tree.exists(manifest)) {
    throw new Error(
      `${options.project} has no package.json, where a project declares its services: make ${manifest} first`,
    );
  }
  const asked = (options.services ?? ['postgres'])
    .flatMap((text) => text.split(','))
    .map((name) => name.trim());
  const services = parseServices(asked, 'the option --services', knownServices(tree.root));
  updateJson<Manifest>(tree, manifest, (found) => {
    const declared = inOrder([...[found.nx?.metadata?.services ?? []].flat(), ...services]);
    return { ...found, nx: { ...found.nx, metadata: { ...found.nx?.metadata, services: declared } } };
  });
  const kept = copyUnlessThere(tree, joinPathFragments(templates, 'integration'), root, { services });
  copyUnlessThere(tree, joinPathFragments(templates, 'integration-test'), `${root}/test/integration`, {
    services,
    kind: 'test',
  });
  for (const path of kept) logger.warn(`${path} is there already, and was left as it is.`);
  logger.info(`Next: npx nx run ${options.project}:integration`);
}
