import { HarnessError } from '../../harness-error.js';

export interface PrivateServerOptions {
  /**
   * Bytes that its data folder holds, 1 MiB to 4 GiB, for `fillDisk`; an empty PostgreSQL takes 28 MiB of them. It is
   * memory of this machine. @defaultValue no limit
   */
  readonly dataBytes?: number;
  /** Connections that it takes at a time, 4 to 1000, for `exhaustConnections`. @defaultValue 200 PostgreSQL, 10 000 Redis */
  readonly maxConnections?: number;
  /** Ends the start: nothing is left of the server. */
  readonly signal?: AbortSignal;
}

const options = ['dataBytes', 'maxConnections', 'signal'];

/**
 * The ranges are the runtime's to check.
 *
 * @throws HarnessError `invalid-option` for an option that there is none of
 */
export function checkServerOptions(given: PrivateServerOptions): PrivateServerOptions {
  const unknown = Object.keys(given).find((name) => !options.includes(name));
  if (unknown === undefined) return given;
  throw new HarnessError('invalid-option', `there is no option ${unknown}; there is ${options.join(', ')}`);
}
