import { joinPathFragments, logger, type Tree } from '@nx/devkit';
import { builtInServices, isServiceName } from '@sqlflow/service-runtime';
import { copyUnlessThere, templates } from '../templates.js';

export interface ServiceOptions {
  readonly name: string;
  readonly port: number;
  readonly image?: string;
  readonly program?: string;
}

/** Makes docker/<name>/ with a compose file and a service.mjs to be filled in. */
export default function service(tree: Tree, options: ServiceOptions): void {
  const { name, port } = options;
  if (!isServiceName(name)) {
    throw new Error(
      `"${String(name)}" cannot be the name of a service: it must be lower-case words joined by "-", 40 characters at most, such as memcached`,
    );
  }
  if (builtInServices.some((builtIn) => builtIn === name)) {
    throw new Error(`${name} is built in; its compose file is docker/${name}/compose.yml`);
  }
  const folder = `docker/${name}`;
  const kept = copyUnlessThere(tree, joinPathFragments(templates, 'service'), folder, {
    name,
    port,
    variable: name.toUpperCase().replaceAll('-', '_'),
    image: options.image,
    program: options.program ?? name,
  });
  for (const path of kept) logger.warn(`${path} is there already, and was left as it is.`);
  logger.info(
    `Next: fill in ${folder}/service.mjs, then try it: npx nx run services:up --services=${name}\n` +
      `Projects declare it in package.json: "nx": { "metadata": { "services": ["${name}"] } }`,
  );
}
