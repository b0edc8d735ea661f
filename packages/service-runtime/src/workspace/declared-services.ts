import { ServiceFailure } from '../failure/service-failure.js';
import { isServiceName, type ServiceName, serviceNames } from '../service/service-name.js';

/**
 * The services that a project declares in its package.json, under `nx.metadata.services`.
 *
 * @param manifest - The package.json, parsed.
 * @param where - Its path, for the message.
 * @returns `undefined` if it declares nothing. An empty list is a declaration: its tests start services of their own.
 * @throws ServiceFailure `UNKNOWN_SERVICE`
 */
export function declaredServices(manifest: unknown, where: string): ServiceName[] | undefined {
  const declared = property(property(property(manifest, 'nx'), 'metadata'), 'services');
  return declared === undefined ? undefined : parseServices(declared, `nx.metadata.services in ${where}`);
}

/** Reads names of services out of something that a person wrote. @throws ServiceFailure `UNKNOWN_SERVICE` */
export function parseServices(given: unknown, where: string): ServiceName[] {
  const names: unknown[] = Array.isArray(given) ? given : [given];
  const unknown = names.filter((name) => !isServiceName(name));
  if (unknown.length > 0) {
    throw new ServiceFailure({
      code: 'UNKNOWN_SERVICE',
      summary: `There is no service ${unknown.map((name) => JSON.stringify(name)).join(', ')}.`,
      evidence: [`given in ${where}`, `services: ${serviceNames.join(', ')}`],
      next: ['Correct the name.'],
    });
  }
  return serviceNames.filter((name) => names.includes(name));
}

function property(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}
