/** What can be measured, and to how many decimals it is printed. */
const decimals = { ms: 1, ns: 0, bytes: 0, MiB: 0, keys: 0, times: 2 } as const;

export type Unit = keyof typeof decimals;
export const units = Object.keys(decimals) as [Unit, ...Unit[]];

export function printed(value: number, unit: Unit): string {
  return value.toFixed(decimals[unit]);
}
