import { exactRows } from '../../test/exact-values.js';
import * as wire from '../../test/wire-encoder.js';
import { createRowDecoder } from './row-decoder.js';

test('a "char" is text as the server prints it, and UTF-8 whatever its byte', () => {
  const decoder = createRowDecoder([wire.column('x', 'char')], { framing: 'data-row' });
  const fields = [0x00, 0x20, 0x7f, 0x80, 0xc3, 0xff].map((byte) => [Buffer.of(byte)]);
  const batches = [...decoder.push(wire.dataRows([...fields, [null]])), ...decoder.end()];
  expect(exactRows(batches).map(({ x }) => x)).toEqual(['', ' ', '\x7f', '\\200', '\\303', '\\377', null]);
});
