import fc from 'fast-check';
import { int16, int32 } from '../../test/wire-encoder.js';
import { MessageScanner } from './message-scanner.js';
import { parseRowDescription } from './row-description.js';

function message(type: string, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  return Buffer.concat([Buffer.from(type), int32(payload.length + 4), payload]);
}

interface Seen {
  readonly rows: string;
  readonly descriptions: string[];
  /** What is left for pg. */
  readonly rest: string;
}

/** Feeds the chunks until the answer ends; the chunks after that are the rest. */
function scan(chunks: readonly Buffer[]): Seen {
  const rows: Buffer[] = [];
  const descriptions: string[] = [];
  const scanner = new MessageScanner({
    rows: (bytes) => rows.push(Buffer.from(bytes)),
    rowDescription: (payload) => descriptions.push(Buffer.from(payload).toString('latin1')),
  });
  const rest: Buffer[] = [];
  let isOver = false;
  for (const chunk of chunks) {
    const end: number = isOver ? 0 : scanner.push(chunk);
    isOver ||= end < chunk.length;
    rest.push(chunk.subarray(end));
  }
  return {
    rows: Buffer.concat(rows).toString('latin1'),
    descriptions,
    rest: Buffer.concat(rest).toString('latin1'),
  };
}

const payload = fc.uint8Array({ maxLength: 20 });
const other = fc
  .tuple(fc.constantFrom('1', '2', 'C', 'N', 'S', 'n'), payload)
  .map(([type, bytes]) => message(type, bytes));
const row = payload.map((bytes) => message('D', bytes));
const ending = fc.constantFrom(message('Z', Buffer.from('I')), message('E', Buffer.from('C57014\0\0')));

test('rows and descriptions come out whole and in order, and the ending is left alone, whatever the chunks', () => {
  fc.assert(
    fc.property(
      fc.array(other),
      payload,
      fc.array(fc.oneof(row, other)),
      ending,
      fc.array(fc.nat()),
      (before, described, body, last, cuts) => {
        const bytes = Buffer.concat([...before, message('T', described), ...body, last]);
        const places = [...cuts.map((cut) => cut % bytes.length).sort((a, b) => a - b), bytes.length];
        const chunks = places.map((end, index) => bytes.subarray(places[index - 1] ?? 0, end));
        expect(scan(chunks)).toEqual({
          rows: Buffer.concat(body.filter((one) => one[0] === 0x44)).toString('latin1'),
          descriptions: described.length === 0 ? [] : [Buffer.from(described).toString('latin1')],
          rest: last.toString('latin1'),
        });
      },
    ),
    { numRuns: 500 },
  );
});

test('rows side by side are passed on in one stretch', () => {
  const calls: number[] = [];
  const scanner = new MessageScanner({
    rows: (bytes) => calls.push(bytes.length),
    rowDescription: () => undefined,
  });
  const three = Buffer.concat([message('D'), message('D', Buffer.from('ab')), message('D')]);
  expect(scanner.push(three)).toBe(three.length);
  expect(calls).toEqual([three.length]);
});

test.each([3, -1, 0x7fff_ffff])('a message of length %d is refused', (length) => {
  const bytes = Buffer.concat([Buffer.from('D'), int32(length)]);
  expect(() => scan([bytes])).toThrow(expect.objectContaining({ code: 'protocol-violation' }) as Error);
  expect(() => scan([bytes.subarray(0, 2), bytes.subarray(2)])).toThrow('impossible length');
});

test('a description names each column with its type and modifier', () => {
  const column = (name: string, type: number, modifier: number): Buffer =>
    Buffer.concat([
      Buffer.from(`${name}\0`),
      int32(16_384),
      int16(1),
      int32(type),
      int16(-1),
      int32(modifier),
      int16(1),
    ]);
  const bytes = Buffer.concat([int16(2), column('id', 20, -1), column('ä"', 1700, 786_438)]);
  expect(parseRowDescription(bytes)).toEqual([
    { name: 'id', typeOid: 20, typeModifier: -1 },
    { name: 'ä"', typeOid: 1700, typeModifier: 786_438 },
  ]);
  expect(() => parseRowDescription(bytes.subarray(0, -20))).toThrow(RangeError);
});
