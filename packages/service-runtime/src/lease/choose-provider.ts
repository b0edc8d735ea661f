import { ServiceFailure } from '../failure/service-failure.js';
import type { Endpoints } from '../service/endpoint.js';
import { type Environment, fromVariables, locatingVariables } from '../service/endpoint-variables.js';
import type { ProviderName } from '../service/running-service.js';
import type { ServiceName } from '../service/service-name.js';

export const providerChoices = ['auto', 'local', 'external'] as const;

/** `auto`: for each service external if its variables are set, else local. */
export type ProviderChoice = (typeof providerChoices)[number];

/**
 * Set together with the endpoints of a lease. It tells TEST_* variables that a test runner has inherited from another
 * one from variables that a person has set to name a server.
 */
export const leasedVariable = 'TEST_SERVICES_LEASED';

export interface Choice {
  readonly service: ServiceName;
  readonly provider: ProviderName;
  /** What the variables say, for `external`. */
  readonly endpoint?: Endpoints[ServiceName];
}

/**
 * Says for each service where it would come from. Looks at the environment only.
 *
 * @param asked - @defaultValue SERVICES_PROVIDER, else `auto`
 * @throws ServiceFailure `INVALID_OPTION` for another provider or for a variable that makes no sense;
 * `EXTERNAL_NOT_CONFIGURED` if `external` was asked for and nothing names the server.
 */
export function chooseProviders(
  services: readonly ServiceName[],
  environment: Environment,
  asked: string = environment['SERVICES_PROVIDER'] || 'auto', // CI sets what it has no value for to nothing
): Choice[] {
  const provider = parseProvider(asked);
  const external = provider === 'local' ? {} : externalEndpoints(environment);
  return services.map((service) => {
    const endpoint = external[service];
    if (endpoint !== undefined) return { service, provider: 'external', endpoint };
    if (provider !== 'external') return { service, provider: 'local' };
    throw new ServiceFailure({
      code: 'EXTERNAL_NOT_CONFIGURED',
      service,
      summary: `${service} was asked for from a server that already runs, and nothing says where that is.`,
      evidence: [`${locatingVariables[service]} is not set.`],
      next: [
        `Set ${locatingVariables[service]}, or leave SERVICES_PROVIDER unset to have the service started.`,
      ],
    });
  });
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

function externalEndpoints(environment: Environment): Partial<Endpoints> {
  if (environment[leasedVariable]) return {};
  try {
    return fromVariables(environment);
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

/** The services that the supervisor has to start. */
export function localOnly(choices: readonly Choice[]): ServiceName[] {
  return choices.filter(({ provider }) => provider === 'local').map(({ service }) => service);
}
