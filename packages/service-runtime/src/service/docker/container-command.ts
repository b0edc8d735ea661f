import type { ComposePlan } from './compose-file.js';
import type { ComposeDocument } from './compose-schema.js';
import type { Project } from './project.js';

/** Where the service is published: a port of one address of the engine's machine. */
export interface Publication {
  readonly address: string;
  readonly port: number;
}

/** What one `docker run` does exactly as compose would. Anything else in the file is left to compose. */
const runnable: ReadonlySet<string> = new Set([
  ...['image', 'command', 'environment', 'ports', 'network_mode', 'shm_size', 'tmpfs'],
  ...['restart', 'container_name'], // left out either way, see below
  'healthcheck', // left out: nobody waits for it, and it takes the processor's time
]);

/**
 * The arguments of the `docker run` that starts the plan's one container and stays with it, or `undefined` if only
 * compose can start it.
 *
 * The environment goes by a file: it holds passwords, and arguments can be read in the list of processes.
 */
export function runArguments(
  plan: ComposePlan,
  project: Project,
  publication: Publication,
  environmentFile: string,
): string[] | undefined {
  const { document, settings } = plan;
  const { image, command, shm_size: sharedMemory } = settings;
  const isOneContainer =
    Object.keys(document.services).length === 1 && !document.networks && !document.volumes;
  if (!isOneContainer || image === undefined || settings['network_mode'] !== 'bridge') return undefined;
  if (Object.keys(settings).some((key) => !runnable.has(key))) return undefined;
  if (typeof command === 'string') return undefined; // compose knows how to take it apart
  if (plan.hasVariableCommand) return undefined; // compose hands it to the engine in no argument
  if (Object.values(plan.environment).some((value) => /[\r\n]/.test(value))) return undefined;
  return [
    ...['run', '--pull', 'never', '--name', project.name, '--network', 'bridge'],
    ...Object.entries(project.labels).flatMap(([name, value]) => ['--label', `${name}=${value}`]),
    ...['--publish', `${publication.address}:${String(publication.port)}:${String(plan.containerPort)}`],
    ...['--env-file', environmentFile],
    ...(typeof sharedMemory === 'string' ? ['--shm-size', sharedMemory] : []),
    ...[settings.tmpfs ?? []].flat().flatMap((folder) => ['--tmpfs', folder]),
    image,
    ...(command ?? []),
  ];
}

/** The lines of `--env-file`. */
export function environmentLines(plan: ComposePlan): string {
  return Object.entries(plan.environment)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

/**
 * The document that compose is given instead of the file: everything labelled, and only the service's own port
 * published, where we say. A fixed name would keep two workspaces from running side by side, and a container that restarts
 * by itself would hide that it has ended.
 */
export function composeDocument(
  { document, service, containerPort }: ComposePlan,
  project: Project,
  publication: Publication,
): string {
  const published = `${publication.address}:${String(publication.port)}:${String(containerPort)}`;
  const services = Object.entries(document.services).map(([name, settings]) => {
    const kept = Object.entries(settings).filter(
      ([key]) => !['ports', 'container_name', 'restart'].includes(key),
    );
    return [
      name,
      {
        ...Object.fromEntries(kept),
        labels: { ...asMap(settings['labels']), ...project.labels },
        ...(name === service && { ports: [published] }),
      },
    ] as const;
  });
  const joinsDefault = Object.values(document.services).some(
    (settings) => !settings['network_mode'] && !settings['networks'],
  );
  const labelled: Record<string, unknown> = {
    ...document,
    services: Object.fromEntries(services),
    networks: labelEach({ ...(joinsDefault && { default: null }), ...document.networks }, project),
    volumes: labelEach(document.volumes ?? {}, project),
  };
  return asText(labelled);
}

/** The document for the build of its images, or `undefined` if it builds none. */
export function buildDocument({ document }: ComposePlan): string | undefined {
  const builds = Object.values(document.services).some((settings) => settings['build']);
  return builds ? asText(document) : undefined;
}

function asText(document: Readonly<Record<string, unknown>>): string {
  const unnamed = { ...document };
  delete unnamed['name']; // the name of the project is given by an argument; version 1 does not know this one
  // The variables are filled in already: what is left of the dollar signs is meant.
  return JSON.stringify(unnamed, (_, value: unknown) =>
    typeof value === 'string' ? value.replaceAll('$', '$$$$') : value,
  );
}

type Parts = NonNullable<ComposeDocument['networks']>;

/** What the file calls external is not ours to label, and so never to remove. */
function labelEach(parts: Parts, project: Project): Parts {
  return Object.fromEntries(
    Object.entries(parts).map(([name, part]) =>
      part?.['external']
        ? [name, part]
        : [name, { ...part, labels: { ...asMap(part?.['labels']), ...project.labels } }],
    ),
  );
}

/** Labels may be written as a map or as a list of `name=value`. */
function asMap(labels: unknown): Record<string, unknown> {
  if (!Array.isArray(labels)) return typeof labels === 'object' && labels !== null ? { ...labels } : {};
  return Object.fromEntries(
    labels.map(String).map((line) => {
      const [name = '', ...value] = line.split('=');
      return [name, value.join('=')];
    }),
  );
}
