import { type Replay, readReplay } from './replay-line.js';
import { checkOptions, checkToxic, invalid, isRecord, shown } from './toxic/check-toxic.js';
import { oneOf, optional, wholeNumber } from './toxic/checks.js';
import type { ToxicOptions } from './toxic/kinds.js';
import { protocols } from './trigger/check.js';
import type { Protocol } from './trigger/match.js';

/** Where a server is. An endpoint may say more, such as user and password. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface ToxicLinkOptions {
  /** Fixes what is random: which connections, slices and jitter. A whole number from 0. @defaultValue 1 */
  readonly seed?: number;
  /** Toxics that are there from the first connection on. @defaultValue none */
  readonly script?: readonly ToxicOptions[];
  /**
   * A line that a link has printed: its cuts are made again, at the same bytes. `seed`, `script`, `add`, and `close` and
   * `reset` of a connection then do nothing.
   */
  readonly replay?: string;
  /**
   * What is spoken over the link, for triggers that are set while connections are open. @defaultValue that of the first
   * trigger, on the connections that are made after it
   */
  readonly protocol?: Protocol;
}

export interface CheckedLinkOptions {
  readonly seed: number;
  readonly script: readonly ToxicOptions[];
  readonly replay: Replay | undefined;
  readonly protocol: Protocol | undefined;
}

const defaultSeed = 1;

/** @throws HarnessError `invalid-option` for an option that does not exist here, or is not what it must be. */
export function checkLinkOptions(given: ToxicLinkOptions): CheckedLinkOptions {
  checkOptions(
    'toxicLink',
    { ...given },
    {
      seed: optional(wholeNumber(0)),
      script: optional({ holds: (value) => Array.isArray(value), range: 'a list of toxics' }),
      replay: optional({
        holds: (value) => typeof value === 'string',
        range: 'a line that a link has printed',
      }),
      protocol: optional(oneOf(protocols)),
    },
  );
  const { seed = defaultSeed, script = [], replay, protocol } = given;
  const checked = script.map(checkToxic);
  return { seed, script: checked, replay: replay === undefined ? undefined : readReplay(replay), protocol };
}

/** @throws HarnessError `invalid-option`, without the rest of the endpoint, which may hold a password. */
export function checkAddress(endpoint: unknown): void {
  const { host, port } = isRecord(endpoint) ? endpoint : {};
  if (typeof host !== 'string' || host === '') {
    throw invalid(`host of the endpoint is ${shown(host)}; it must be a name or an address`);
  }
  const ports = wholeNumber(1, 65_535);
  if (!ports.holds(port)) throw invalid(`port of the endpoint is ${shown(port)}; it must be ${ports.range}`);
}
