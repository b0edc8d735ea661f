import fc from 'fast-check';
import { parseExactly } from './exact-json.js';

test('what JavaScript has written is parsed as JSON.parse parses it', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value);
      expect(parseExactly(text)).toEqual({ value: JSON.parse(text) });
    }),
  );
});

test.each(['12345678901234567890', '[1, 9007199254740993]', '{"a": 0.12345678901234567891}', '1e400'])(
  '%s would lose digits, and is not parsed',
  (text) => {
    expect(parseExactly(text)).toBeUndefined();
  },
);

test.each([
  '"12345678901234567890"',
  String.raw`{"\"12345678901234567890": "\\", "b": "9007199254740993\\\""}`,
  '[0.1, 1e2, 5000000000000000000000, 123456789012345.25]',
])('%s has nothing to lose', (text) => {
  expect(parseExactly(text)).toEqual({ value: JSON.parse(text) });
});

test('a long text of JSON is looked through without many steps at a time', () => {
  const text = `["${'a'.repeat(5_000_000)}", ${'9'.repeat(40)}]`;
  expect(parseExactly(text)).toBeUndefined();
  expect(parseExactly(`["${String.raw`\n`.repeat(1_000_000)}1e5"]`)).toBeDefined();
});

test('what is no JSON is refused', () => {
  expect(() => parseExactly('{')).toThrow(SyntaxError);
});
