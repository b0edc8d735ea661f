import { ConnectorError } from '@sqlflow/connector-contract';
import { protocolError } from '../errors.js';
import type { KeyEncoding } from '../options.js';

export interface ScanStep {
  /** Where to go on: a 64-bit number as text. `0` at the end. */
  readonly cursor: string;
  readonly keys: string[];
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * @throws ConnectorError `protocol-violation` for what is no reply to SCAN, `invalid-data` for a key that is not in `encoding`.
 */
export function decodeScanReply(reply: unknown, encoding: KeyEncoding): ScanStep {
  const [cursor, keys] = (Array.isArray(reply) ? reply : []) as readonly unknown[];
  if (!Buffer.isBuffer(cursor) || !/^\d+$/.test(cursor.toString('latin1')) || !Array.isArray(keys)) {
    throw protocolError('SCAN was not answered with a cursor and keys');
  }
  return { cursor: cursor.toString('latin1'), keys: keys.map((key: unknown) => decodeKey(key, encoding)) };
}

function decodeKey(key: unknown, encoding: KeyEncoding): string {
  if (!Buffer.isBuffer(key)) throw protocolError('SCAN was answered with a key that is no text');
  if (encoding === 'latin1') return key.toString('latin1');
  try {
    return utf8.decode(key);
  } catch (error) {
    const shown = `${key.subarray(0, 40).toString('hex')}${key.length > 40 ? '…' : ''}`;
    const message = `a key is not UTF-8, its bytes are ${shown} (hex); encoding: 'latin1' takes such keys`;
    throw new ConnectorError('invalid-data', message, { kind: 'terminal', effect: 'none', cause: error });
  }
}
