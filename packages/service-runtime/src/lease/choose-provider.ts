import { existsSync } from 'node:fs';
import { ServiceFailure } from '../failure/service-failure.js';
import { dockerFolders, type Host } from '../host.js';
import { findProgram } from '../process/find-program.js';
import type { Endpoint, Endpoints } from '../service/endpoint.js';
import { engineVariablesOf } from '../service/docker/docker-command.js';
import { endpointVariables, fromVariables, namingVariable } from '../service/endpoint-variables.js';
import type { ProviderName } from '../service/running-service.js';
import type { ServiceDefinition } from '../service/service-definition.js';
import type { ServiceName } from '../service/service-name.js';
import type { Environment } from '../service/variables.js';
import type { ServiceStart } from '../supervisor/protocol.js';
import { composeVariables } from '../workspace/compose-variables.js';
import { composeFile } from '../workspace/workspace-services.js';

export const providerChoices = ['auto', 'local', 'docker', 'external'] as const;

/**
 * `auto`: for each service external if its variables are set, else local if its programs are here, else docker. Local
 * before docker: it starts ten times faster and needs no daemon that acts as root.
 */
export type ProviderChoice = (typeof providerChoices)[number];

/**
 * Set together with the endpoints of a lease. It tells TEST_* variables that a test runner has inherited from another
 * one from variables that a person has set to name a server.
 */
export const leasedVariable = 'TEST_SERVICES_LEASED';

export interface Choice {
  readonly definition: ServiceDefinition;
  readonly provider: ProviderName;
  /** For `external`: what the variables say, and which of them named the server. */
  readonly external?: { readonly endpoint: Endpoint; readonly variable: string };
}

/**
 * Says for each service where it would come from. Looks at the environment and for programs and files; asks nobody.
 *
 * @param asked - @defaultValue SERVICES_PROVIDER, else `auto`
 * @throws ServiceFailure `INVALID_OPTION` for another provider or for a variable that makes no sense;
 * `EXTERNAL_NOT_CONFIGURED` if `external` was asked for and nothing names the server; `PROVIDER_NOT_AVAILABLE` for a
 * service that cannot come from the provider that was asked for.
 */
export function chooseProviders(
  definitions: readonly ServiceDefinition[],
  workspaceRoot: string,
  host: Host,
  asked: string = host.environment['SERVICES_PROVIDER'] || 'auto', // CI sets what it has no value for to nothing
): Choice[] {
  const { environment } = host;
  const provider = parseProvider(asked);
  const names = definitions.map(({ name }) => name);
  const external =
    provider === 'auto' || provider === 'external' ? externalEndpoints(names, environment) : {};
  return definitions.map((definition): Choice => {
    const { name } = definition;
    const endpoint = external[name];
    const variable = namingVariable(name, environment);
    if (endpoint !== undefined && variable !== undefined)
      return { definition, provider: 'external', external: { endpoint, variable } };
    switch (provider) {
      case 'external':
        throw notConfigured(name);
      case 'auto':
        return { definition, provider: startedBy(definition, workspaceRoot, host) };
      case 'local':
        if (definition.local === undefined)
          throw notAvailable(name, provider, 'its definition has no `local`');
        return { definition, provider };
      case 'docker':
        if (!existsSync(composeFile(workspaceRoot, name)))
          throw notAvailable(name, provider, `${composeFile(workspaceRoot, name)} is not there`);
        return { definition, provider };
    }
  });
}

function startedBy(definition: ServiceDefinition, workspaceRoot: string, host: Host): 'local' | 'docker' {
  if (isLocatable(definition, host)) return 'local';
  const docker = ['docker', 'docker-compose'].some(
    (name) => findProgram(name, dockerFolders(host)) !== undefined,
  );
  if (docker && existsSync(composeFile(workspaceRoot, definition.name))) return 'docker';
  return definition.local === undefined ? 'docker' : 'local'; // it fails, and says what is missing
}

/** Whether a service can be run here without Docker. */
export function isLocatable({ local }: ServiceDefinition, host: Host): boolean {
  try {
    local?.locate(host);
    return local !== undefined;
  } catch (error) {
    if (error instanceof ServiceFailure) return false;
    throw error;
  }
}

function parseProvider(asked: string): ProviderChoice {
  const found = providerChoices.find((choice) => choice === asked);
  if (found !== undefined) return found;
  throw new ServiceFailure({
    code: 'INVALID_OPTION',
    summary: `There is no provider "${asked}".`,
    evidence: [`Providers: ${providerChoices.join(', ')}`],
    next: ['Check the option provider, or the variable SERVICES_PROVIDER.'],
  });
}

function notConfigured(service: ServiceName): ServiceFailure {
  const variables = endpointVariables(service).locating.join(' or ');
  return new ServiceFailure({
    code: 'EXTERNAL_NOT_CONFIGURED',
    service,
    summary: `${service} was asked for from a server that already runs, and nothing says where that is.`,
    evidence: [`${variables} is not set.`],
    next: [`Set ${variables}, or leave SERVICES_PROVIDER unset to have the service started.`],
  });
}

function notAvailable(service: ServiceName, provider: string, reason: string): ServiceFailure {
  return new ServiceFailure({
    code: 'PROVIDER_NOT_AVAILABLE',
    service,
    summary: `${service} cannot come from the provider ${provider}.`,
    evidence: [reason],
    next: ['Leave SERVICES_PROVIDER unset, or see what there is: npx nx run services:doctor'],
  });
}

function externalEndpoints(names: readonly ServiceName[], environment: Environment): Endpoints {
  if (environment[leasedVariable]) return {};
  try {
    return fromVariables(names, environment);
  } catch (cause) {
    throw new ServiceFailure(
      {
        code: 'INVALID_OPTION',
        summary: 'A variable that names a server makes no sense.',
        evidence: [cause instanceof Error ? cause.message : String(cause)],
        next: ['Correct it, or unset it to have the service started.'],
      },
      { cause },
    );
  }
}

/** What the supervisor has to start. */
export function startsOf(
  choices: readonly Choice[],
  workspaceRoot: string,
  environment: Environment,
): ServiceStart[] {
  return choices.flatMap(({ definition: { name: service }, provider }): ServiceStart[] => {
    if (provider === 'external') return [];
    if (provider === 'local') return [{ service, provider, variables: {} }];
    const asked = composeVariables(composeFile(workspaceRoot, service), environment);
    return [{ service, provider, variables: { ...asked, ...engineVariablesOf(environment) } }];
  });
}
