import { HarnessError } from '../harness-error.js';

export interface LeaseOptions {
  /** Ends the handing out: the lease rejects with the signal's reason, and nothing is left on the server. */
  readonly signal?: AbortSignal;
}

const checks: Readonly<Record<string, { holds: (value: unknown) => boolean; range: string }>> = {
  signal: { holds: (value) => value instanceof AbortSignal, range: 'an AbortSignal' },
  template: {
    holds: (value) => typeof value === 'string' && value !== '' && Buffer.byteLength(value) <= 63,
    range: 'the name of a database, 1 to 63 bytes',
  },
};

/** @throws HarnessError `invalid-option` for an option that does not exist here, or is not what it must be. */
export function checkLeaseOptions<T extends object>(given: T, allowed: readonly (keyof T & string)[]): T {
  for (const [option, value] of Object.entries(given) as [string, unknown][]) {
    const check = allowed.some((name) => name === option) ? checks[option] : undefined;
    if (check === undefined) {
      throw new HarnessError(
        'invalid-option',
        `there is no option ${option}; there is ${allowed.join(', ')}`,
      );
    }
    if (value !== undefined && !check.holds(value)) {
      throw new HarnessError(
        'invalid-option',
        `${option} is ${JSON.stringify(value)}; it must be ${check.range}`,
      );
    }
  }
  return given;
}
