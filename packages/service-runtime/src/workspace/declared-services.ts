import { ServiceFailure } from '../failure/service-failure.js';
import { builtInServices, inOrder, isServiceName, type ServiceName } from '../service/service-name.js';

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

/**
 * Reads names of services out of something that a person wrote.
 *
 * @param known - The services that there are. Left out, anything that could be a name is one: a workspace may define
 * its own, and whoever starts them says whether it does.
 * @throws ServiceFailure `UNKNOWN_SERVICE`
 */
export function parseServices(given: unknown, where: string, known?: readonly ServiceName[]): ServiceName[] {
  const names: unknown[] = Array.isArray(given) ? given : [given];
  const isKnown = (name: unknown): name is ServiceName =>
    isServiceName(name) && (known === undefined || known.includes(name));
  const unknown = names.filter((name) => !isKnown(name));
  if (unknown.length > 0) {
    throw new ServiceFailure({
      code: 'UNKNOWN_SERVICE',
      summary: `There is no service ${unknown.map((name) => JSON.stringify(name)).join(', ')}.`,
      evidence: [
        `given in ${where}`,
        known === undefined
          ? `built in: ${builtInServices.join(', ')}; a name is lower-case words joined by "-"`
          : `services: ${known.join(', ')}`,
      ],
      next: ['Correct the name.'],
    });
  }
  return inOrder(names.filter(isKnown));
}

function property(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}
