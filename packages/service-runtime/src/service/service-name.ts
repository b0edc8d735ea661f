/**
 * The name of a service, as in `nx.metadata.services`. Three are built in; a workspace defines others by a folder
 * `docker/<name>/` with a `service.mjs`.
 */
export type ServiceName = string;

/** The services that need no definition, in the order in which services are shown. */
export const builtInServices = ['postgres', 'object-store', 'redis'] as const;

export type BuiltInService = (typeof builtInServices)[number];

/** As long as a name may be: it goes into container names, file names and variables. */
const longest = 40;

/** Whether it could be the name of a service: lower-case words joined by `-`, 40 characters at most. */
export function isServiceName(value: unknown): value is ServiceName {
  return (
    typeof value === 'string' && value.length <= longest && /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(value)
  );
}

export function isBuiltIn(name: ServiceName): name is BuiltInService {
  return builtInServices.some((builtIn) => builtIn === name);
}

/** Each once, the built-in ones first, in the order in which services are shown. */
export function inOrder(names: readonly ServiceName[]): ServiceName[] {
  const others = names.filter((name) => !isBuiltIn(name)).toSorted();
  return [...new Set([...builtInServices.filter((name) => names.includes(name)), ...others])];
}
