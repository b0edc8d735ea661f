/** What a package.json says to this plugin. */
export interface Declaration {
  /** The project's name, as Nx gives it. */
  readonly name: string | undefined;
  /** `undefined` if it declares nothing. An empty list is a declaration: its tests start what they need themselves. */
  readonly services: readonly string[] | undefined;
}

/** The services that need no folder of their own, in the order in which services are shown. */
export const builtInServices: readonly string[] = ['postgres', 'object-store', 'redis'];

/**
 * Reads the name and `nx.metadata.services`. By hand and without service-runtime, which takes longer to load than all
 * that this plugin does: Nx waits for it at every start.
 *
 * @param manifest - The package.json, parsed.
 * @param defined - The services that the workspace defines in folders.
 * @throws Error naming a service that there is none of, and those that there are.
 */
export function readDeclaration(manifest: unknown, defined: readonly string[]): Declaration {
  const nx = property(manifest, 'nx');
  const name = property(nx, 'name') ?? property(manifest, 'name');
  const declared = property(property(nx, 'metadata'), 'services');
  return {
    name: typeof name === 'string' ? name : undefined,
    services: declared === undefined ? undefined : knownServices(declared, defined),
  };
}

/** The npm packages that a package.json names as its own needs. @param manifest - The package.json, parsed. */
export function packagesNamedIn(manifest: unknown): string[] {
  return ['dependencies', 'devDependencies'].flatMap((kind) => Object.keys(property(manifest, kind) ?? {}));
}

function knownServices(declared: unknown, defined: readonly string[]): string[] {
  const names: unknown[] = Array.isArray(declared) ? declared : [declared];
  const known = [...new Set([...builtInServices, ...defined])];
  const unknown = names.filter((name) => !known.some((service) => service === name));
  if (unknown.length > 0) {
    throw new Error(
      `[UNKNOWN_SERVICE] There is no service ${unknown.map((name) => JSON.stringify(name)).join(', ')}, which ` +
        `nx.metadata.services names. Services: ${known.join(', ')}. Correct the name, or define the service in a ` +
        'folder docker/<name>/.',
    );
  }
  return known.filter((service) => names.includes(service));
}

function property(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}
