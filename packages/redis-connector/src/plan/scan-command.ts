import type { ResolvedScanKeysOptions } from '../options.js';

/** A command: its name and its arguments. */
export type RedisCommand = readonly [name: string, ...args: (string | Buffer)[]];

/** Where a scan begins, and what Redis answers at its end. */
export const scanOrigin = '0';

/** One step of a scan from `cursor` on. */
export function scanCommand(
  cursor: string,
  { match, type, count, encoding }: Pick<ResolvedScanKeysOptions, 'match' | 'type' | 'count' | 'encoding'>,
): RedisCommand {
  return [
    'SCAN',
    cursor,
    ...(match === undefined ? [] : ['MATCH', Buffer.from(match, encoding)]),
    'COUNT',
    String(count),
    ...(type === undefined ? [] : ['TYPE', type]),
  ];
}
