import fc from 'fast-check';
import { interpolate } from './interpolate.js';

const variables = { SET: 'given', EMPTY: '', OTHER: 'other' };

test.each([
  ['${SET}', 'given'],
  ['$SET', 'given'],
  ['$SET.', 'given.'],
  ['a-${SET}-b', 'a-given-b'],
  ['${MISSING}', ''],
  ['$MISSING', ''],
  ['${SET:-default}', 'given'],
  ['${EMPTY:-default}', 'default'],
  ['${EMPTY-default}', ''],
  ['${MISSING:-default}', 'default'],
  ['${MISSING-default}', 'default'],
  ['${MISSING:-}', ''],
  ['${MISSING:-postgres:15.14}', 'postgres:15.14'],
  ['${SET:+replaced}', 'replaced'],
  ['${EMPTY:+replaced}', ''],
  ['${EMPTY+replaced}', 'replaced'],
  ['${MISSING+replaced}', ''],
  ['${SET:?must be set}', 'given'],
  ['${EMPTY?may be empty}', ''],
  ['${MISSING:-${OTHER}/image}', 'other/image'],
  ['${MISSING:-${EMPTY:-deep}}', 'deep'],
  ['$$SET', '$SET'],
  ['$${SET}', '${SET}'],
  ['$$$SET', '$given'],
  ['no variable }', 'no variable }'],
])('%s becomes "%s"', (text, expected) => {
  expect(interpolate(text, variables)).toBe(expected);
});

test.each([
  ['${SET', '${SET is not closed'],
  ['${MISSING:-default', '${MISSING is not closed'],
  ['a $ alone', 'must be followed by a variable'],
  ['$', 'must be followed by a variable'],
  ['${}', 'must be followed by a variable'],
  ['${SET%x}', '${SET is not closed'],
  ['${MISSING:?the reason}', 'MISSING must be set: the reason'],
  ['${EMPTY:?}', 'EMPTY must be set'],
])('%s is refused with the reason', (text, reason) => {
  expect(() => interpolate(text, variables)).toThrow(reason);
});

test('what is escaped comes back as it was, whatever it holds', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(interpolate(text.replaceAll('$', '$$$$'), {})).toBe(text);
    }),
  );
});

test('a value is taken as it is: a dollar sign in it means nothing', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (value) => {
      expect(interpolate('<${SET:-default}>', { SET: value })).toBe(`<${value}>`);
    }),
  );
});
