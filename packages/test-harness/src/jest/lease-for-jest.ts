import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import {
  declaredServices,
  endpointsOf,
  endpointVariables,
  type Environment,
  failureBox,
  findWorkspaceRoot,
  leasedVariable,
  leaseServices,
  ServiceFailure,
  type ServiceFailureReport,
  type ServiceLease,
  type ServiceName,
  type ServiceOffer,
  toVariables,
} from '@sqlflow/service-runtime';
import { redisDatabasesVariable, unavailableVariable } from '../endpoints.js';
import { recordEvent } from '../events.js';

/** What the set-up of a Jest run has to do with the world outside. */
export interface JestSurroundings {
  readonly environment: Environment;
  /** Sets a variable for the tests, or removes it. */
  readonly setVariable: (name: string, value: string | undefined) => void;
  /** Shows text to the person who runs the tests. */
  readonly print: (text: string) => void;
}

/** Where a run of `nx run …:integration` wants to be told which services it had. A path. */
const reportVariable = 'TEST_SERVICES_REPORT';

/**
 * Leases what the projects declare and hands the endpoints to the tests. A service that cannot be had is shown with its
 * failure box and told to the tests, which skip or fail; it does not keep the others from running.
 */
export async function leaseForJest(
  projectFolders: readonly string[],
  surroundings: JestSurroundings,
): Promise<ServiceLease | undefined> {
  const { environment, setVariable, print } = surroundings;
  const manifests = [...new Set(projectFolders)]
    .map((folder) => join(folder, 'package.json'))
    .filter(existsSync);
  const [first] = manifests;
  if (first === undefined) return undefined;
  try {
    const services = [...new Set(manifests.flatMap(servicesOf))];
    if (services.length === 0) return undefined;
    const holder = `${manifests.map((file) => basename(dirname(file))).join(', ')}: jest`;
    const lease = await leaseServices({
      workspaceRoot: findWorkspaceRoot(dirname(first)),
      services,
      holder,
      onProgress: (service, message) => {
        print(`${service}: ${message}`);
      },
    });
    for (const [name, value] of Object.entries(variablesForTests(services, lease))) setVariable(name, value);
    for (const offer of lease.offers) print(describeOffer(offer));
    for (const failure of lease.failures) print(failureBox(failure));
    writeReport(environment[reportVariable], lease);
    record(lease, holder);
    return {
      ...lease,
      [Symbol.asyncDispose]: async () => {
        await lease[Symbol.asyncDispose]();
        recordEvent({ event: 'services-returned', holder });
      },
    };
  } catch (error) {
    if (!(error instanceof ServiceFailure)) throw error;
    // No service at all: an unknown name, or no supervisor. The suites that need one say so again.
    print(failureBox(error.report));
    recordEvent({ event: 'service-failed', code: error.code, summary: error.report.summary });
    throw new Error(error.message, { cause: error });
  }
}

function servicesOf(manifest: string): ServiceName[] {
  return declaredServices(JSON.parse(readFileSync(manifest, 'utf8')), manifest) ?? [];
}

/** What the tests are told, and what is taken from their environment: variables by name. */
export function variablesForTests(
  services: readonly ServiceName[],
  lease: Pick<ServiceLease, 'offers' | 'failures'>,
): Readonly<Record<string, string | undefined>> {
  const reasons = lease.failures.map(
    (failure) => [failure.service ?? failure.code, reasonOf(failure)] as const,
  );
  const names = services.flatMap((service) => endpointVariables(service).names);
  return {
    // What is left of another server, such as its password, must not be taken for the one that was leased, or for one at all.
    ...Object.fromEntries(names.map((name) => [name, undefined])),
    ...toVariables(endpointsOf(lease.offers)),
    ...(isOurs(lease, 'redis') && { [redisDatabasesVariable]: '0-63' }),
    // Marks the variables as ours, unless all of them were somebody else's to begin with.
    [leasedVariable]: lease.offers.some(({ provider }) => provider !== 'external') ? '1' : undefined,
    [unavailableVariable]: reasons.length === 0 ? undefined : JSON.stringify(Object.fromEntries(reasons)),
  };
}

/** Whether the runtime has started it, for tests alone. */
function isOurs({ offers }: Pick<ServiceLease, 'offers'>, name: ServiceName): boolean {
  return offers.some(({ service, provider }) => service === name && provider !== 'external');
}

function reasonOf({ code, summary, next }: ServiceFailureReport): string {
  return [`${summary} [${code}]`, ...next.slice(0, 1)].join(' Next: ');
}

function describeOffer({ service, provider, version, endpoint, startedInMs }: ServiceOffer): string {
  const where = addressOf(endpoint);
  const how = startedInMs === undefined ? 'already running' : `started in ${startedInMs.toFixed(0)} ms`;
  return `${service}: ${version} at ${where} (${provider}, ${provider === 'external' ? 'not ours' : how})`;
}

/** For the report of a run. It names places and times, no account. */
function writeReport(path: string | undefined, lease: ServiceLease): void {
  if (!path) return;
  const services = lease.offers.map(({ endpoint, ...offer }) => ({
    ...offer,
    endpoint: addressOf(endpoint),
  }));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify({ services, failures: lease.failures }, null, 2));
}

function record({ offers, failures }: ServiceLease, holder: string): void {
  const services = offers.map(({ service, provider, version, endpoint, startedInMs }) => {
    return { service, provider, version, address: addressOf(endpoint), startedInMs };
  });
  if (offers.length > 0) recordEvent({ event: 'services-leased', holder, services });
  for (const { code, service, summary } of failures) {
    recordEvent({ event: 'service-failed', code, ...(service !== undefined && { service }), summary });
  }
}

function addressOf({ host, port }: ServiceOffer['endpoint']): string {
  return `${host}:${String(port)}`;
}
