import { copyOf, int32, int64 } from '../../test/wire-encoder.js';
import { Output } from './output.js';
import { RefusedRow } from './refused-value.js';
import { objectEncoder, writeCopyHeader, writeCopyTrailer } from './row-encoder.js';
import { oids } from './target-type.js';
import { valueWriter } from './value-writers.js';

const write = valueWriter({ typeOid: oids.int4, isEnum: false })!;
const columns = [{ name: 'id', isRequired: false, write }];

test('rows are those of a binary COPY; what a row lacks is NULL', () => {
  const encoder = objectEncoder([{ id: 1 }, {}, { id: null }], columns);
  const output = new Output(1);
  writeCopyHeader(output);
  expect(encoder.encode(output, 0, 3, Infinity)).toBe(3);
  writeCopyTrailer(output);
  expect(Buffer.from(output.written())).toEqual(copyOf([[int32(1)], [null], [null]]));
});

test('rows can be numbered, beyond 32 bits too', () => {
  const output = new Output(1);
  writeCopyHeader(output);
  objectEncoder([{ id: 1 }, { id: 2 }], columns, 2 ** 32).encode(output, 1, 2, Infinity);
  writeCopyTrailer(output);
  expect(Buffer.from(output.written())).toEqual(copyOf([[int64(2n ** 32n + 1n), int32(2)]]));
});

test('it stops when the output is full, and goes on from there', () => {
  const rows = Array.from({ length: 10 }, (_, id) => ({ id }));
  const encoder = objectEncoder(rows, columns);
  const output = new Output(1);
  const ends: number[] = [];
  for (let row = 0; row < rows.length; ends.push(row)) {
    output.clear();
    row = encoder.encode(output, row, rows.length, 25);
  }
  expect(ends).toEqual([3, 6, 9, 10]);
});

test('a row that is refused leaves nothing of itself, and those before it are written', () => {
  const output = new Output(1);
  const encoder = objectEncoder([{ id: 1 }, { id: 2 ** 40 }, { id: 3 }], columns);
  let refused: unknown;
  try {
    encoder.encode(output, 0, 3, Infinity);
  } catch (error) {
    refused = error;
  }
  expect(refused).toBeInstanceOf(RefusedRow);
  expect(refused).toMatchObject({ row: 1, column: 'id' });
  expect(output.length).toBe(10);
  encoder.encode(output, 2, 3, Infinity);
  expect(output.length).toBe(20);
});

test.each(['constructor', '__proto__'])('a column %s that a row lacks is NULL', (name) => {
  const output = new Output(1);
  const rows = [{}, Object.fromEntries([[name, 5]])];
  objectEncoder(rows, [{ name, isRequired: false, write }]).encode(output, 0, 2, Infinity);
  expect(Buffer.from(output.written())).toEqual(
    Buffer.concat([Buffer.of(0, 1), int32(-1), Buffer.of(0, 1), int32(4), int32(5)]),
  );
});

test('a column of the key takes no NULL', () => {
  const key = columns.map((column) => ({ ...column, isRequired: true }));
  expect(() => objectEncoder([{ id: null }], key).encode(new Output(1), 0, 1, Infinity)).toThrow(
    'column "id" is of the key, and NULL in a row',
  );
});
