import { ConnectorError } from '@sqlflow/connector-contract';
import { protocolViolation } from './decode-error.js';

const signature = [0x50, 0x47, 0x43, 0x4f, 0x50, 0x59, 0x0a, 0xff, 0x0d, 0x0a, 0x00];
const fixedBytes = signature.length + 8;

/**
 * Reads the header of a binary COPY: a signature, flags, and an extension to skip.
 *
 * @returns Where the rows begin, `undefined` if the header is not all there.
 */
export function copyHeaderEnd(
  bytes: Uint8Array,
  view: DataView,
  start: number,
  end: number,
): number | undefined {
  const there = Math.min(signature.length, end - start);
  for (let index = 0; index < there; index++) {
    if (bytes[start + index] !== signature[index]) throw protocolViolation('this is no binary COPY');
  }
  if (end - start < fixedBytes) return undefined;
  const flags = view.getUint32(start + signature.length);
  if (flags >>> 16 !== 0) {
    throw new ConnectorError('unsupported', `a binary COPY with flags ${String(flags)} is not read`, {
      kind: 'terminal',
      effect: 'none',
    });
  }
  const extension = view.getInt32(start + signature.length + 4);
  if (extension < 0) throw protocolViolation('the header of a binary COPY has a negative length');
  const rows = start + fixedBytes + extension;
  return rows > end ? undefined : rows;
}
