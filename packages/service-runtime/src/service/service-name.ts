/** The services there are, in the order in which they are shown. */
export const serviceNames = ['postgres', 'object-store', 'redis'] as const;

export type ServiceName = (typeof serviceNames)[number];

export function isServiceName(value: unknown): value is ServiceName {
  return serviceNames.some((name) => name === value);
}
