import type { Endpoints } from './endpoint.js';
import { objectStoreVariables } from './object-store/object-store-variables.js';
import { postgresVariables } from './postgres/postgres-variables.js';
import { redisVariables } from './redis/redis-variables.js';
import { isBuiltIn, type ServiceName } from './service-name.js';
import { type EndpointVariables, type Environment, portFrom } from './variables.js';

const builtIn = { postgres: postgresVariables, 'object-store': objectStoreVariables, redis: redisVariables };

/** The variables of a service. Those of one that a workspace defines are TEST_<NAME>_HOST and TEST_<NAME>_PORT. */
export function endpointVariables(service: ServiceName): EndpointVariables {
  return isBuiltIn(service) ? builtIn[service] : plainVariables(service);
}

/** The variables that carry endpoints to a test, and that name a server which already runs. */
export function toVariables(endpoints: Endpoints): Record<string, string> {
  const entries = Object.entries(endpoints).flatMap(([service, endpoint]) =>
    endpoint === undefined ? [] : Object.entries(endpointVariables(service).to(endpoint)),
  );
  return Object.fromEntries(entries);
}

/**
 * Reads the endpoints of `services` that the environment names; what it leaves out has the defaults of the guide.
 *
 * @returns Only the services that a locating variable is set for.
 * @throws RangeError naming the variable, the value and the range, for a port or an address that is none.
 */
export function fromVariables(services: readonly ServiceName[], environment: Environment): Endpoints {
  const named = services.filter((service) => namingVariable(service, environment) !== undefined);
  return Object.fromEntries(
    named.map((service) => [service, endpointVariables(service).from(environment)] as const),
  );
}

/** Which of the locating variables names the service, if one does. */
export function namingVariable(service: ServiceName, environment: Environment): string | undefined {
  return endpointVariables(service).locating.find((name) => Boolean(environment[name]));
}

function plainVariables(service: ServiceName): EndpointVariables {
  const prefix = `TEST_${service.toUpperCase().replaceAll('-', '_')}`;
  const [host, port] = [`${prefix}_HOST`, `${prefix}_PORT`];
  return {
    locating: [host],
    names: [host, port],
    account: [],
    to: (endpoint) => ({ [host]: endpoint.host, [port]: String(endpoint.port) }),
    from: (environment) => ({ host: environment[host] ?? '', port: portFrom(environment[port], port) }),
  };
}
