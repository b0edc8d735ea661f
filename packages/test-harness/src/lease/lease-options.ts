import { HarnessError } from '../harness-error.js';

export interface LeaseOptions {
  /** Ends the handing out: the lease rejects with the signal's reason, and nothing is left on the server. */
  readonly signal?: AbortSignal;
  /**
   * What comes of connections, transactions, locks, uploads or keys that the test leaves behind: `fail` names them and
   * fails the test, `ignore` removes them with the lease. @defaultValue `fail`
   */
  readonly leaks?: LeakOption;
}

export type LeakOption = 'fail' | 'ignore';

const checks: Readonly<Record<string, { holds: (value: unknown) => boolean; range: string }>> = {
  signal: { holds: (value) => value instanceof AbortSignal, range: 'an AbortSignal' },
  leaks: { holds: (value) => value === 'fail' || value === 'ignore', range: "'fail' or 'ignore'" },
  template: {
    holds: (value) => isDatabaseName(value) || isTemplate(value),
    range: 'what defineTemplate has made, or the name of a database, 1 to 63 bytes',
  },
  database: { holds: isDatabaseName, range: 'the name of a database, 1 to 63 bytes' },
  kind: { holds: (value) => value === 'prefix' || value === 'database', range: "'prefix' or 'database'" },
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

function isDatabaseName(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && Buffer.byteLength(value) <= 63;
}

function isTemplate(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && 'name' in value && 'files' in value && 'inputs' in value
  );
}
