import * as fc from 'fast-check';
import { chunkLengths, cut, scan, spoilt } from '../../../test/protocol/scan.js';
import { redisCommands, redisReplies } from './resp.js';

const bulk = (text: string) => `$${Buffer.byteLength(text, 'latin1')}\r\n${text}\r\n`;
const array = (words: readonly string[]) => `*${words.length}\r\n${words.map(bulk).join('')}`;
const bytesOf = (texts: readonly string[]) => Buffer.from(texts.join(''), 'latin1');

const anyText = fc.oneof(
  fc.string({ unit: 'binary-ascii', maxLength: 20 }),
  fc.string({ unit: 'binary-ascii', minLength: 1_020, maxLength: 1_100 }),
);
const commandText = fc
  .tuple(fc.constantFrom('GET', 'set', 'MGet'), fc.array(anyText, { maxLength: 4 }))
  .map(([name, words]) => array([name, ...words]));
const inlineText = fc.constantFrom('PING\r\n', 'get  a\r\n', 'INFO server\n');

const simple = fc.constantFrom(
  '+OK\r\n',
  '-ERR no\r\n',
  ':-7\r\n',
  '_\r\n',
  '#t\r\n',
  ',1.5\r\n',
  '(99999999999999999999\r\n',
  '$-1\r\n',
  '*-1\r\n',
);
const string = fc
  .tuple(fc.constantFrom('$', '!', '='), anyText)
  .map(([type, text]) => `${type}${text.length}\r\n${text}\r\n`);
const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    simple,
    string,
    fc
      .tuple(fc.constantFrom('*', '~', '>'), fc.array(tie('value'), { maxLength: 4 }))
      .map(([type, values]) => `${type}${values.length}\r\n${values.join('')}`),
    fc
      .array(fc.tuple(tie('value'), tie('value')), { maxLength: 3 })
      .map((pairs) => `%${pairs.length}\r\n${pairs.flat().join('')}`),
    fc.tuple(tie('value'), tie('value'), tie('value')).map((values) => `|1\r\n${values.join('')}`),
  ),
}));

describe('commands to Redis', () => {
  test('are the same however they are chunked', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(commandText, inlineText), { maxLength: 8 }),
        chunkLengths,
        (given, lengths) => {
          const { messages, unreadable, passed } = scan(redisCommands, cut(bytesOf(given), lengths));
          expect(unreadable).toBeUndefined();
          expect(messages.map(({ bytes }) => bytes)).toEqual(given);
          expect(passed).toEqual(bytesOf(given));
        },
      ),
    );
  });

  test.each([
    ['an array', array(['get', 'a b', 'c']), { words: ['GET', 'a b'], size: 3 }],
    ['an array of one', array(['ping']), { words: ['PING'], size: 1 }],
    ['an inline command', 'get  a b\r\n', { words: ['GET', 'a'], size: 3 }],
    ['an empty line', '\r\n', { words: [], size: 0 }],
    ['an empty line without a carriage return', '\n', { words: [], size: 0 }],
    ['an empty array', '*0\r\n', { words: [], size: 0 }],
    ['a long key', array(['get', 'x'.repeat(1_025)]), { words: ['GET'], size: 2 }],
  ])('as %s show name, first argument and size', (_, text, message) => {
    expect(scan(redisCommands, [Buffer.from(text)]).messages).toEqual([{ message, bytes: text }]);
  });

  test('with a big value do not hold it back', () => {
    const text = array(['SET', 'a', 'x'.repeat(100_000)]);
    expect(scan(redisCommands, [Buffer.from(text.slice(0, 50_000))]).passed).toHaveLength(50_000);
  });
});

describe('replies of Redis', () => {
  test('are the same however they are chunked and nested', () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 6 }), chunkLengths, (given, lengths) => {
        const { messages, unreadable, passed } = scan(redisReplies, cut(bytesOf(given), lengths));
        expect(unreadable).toBeUndefined();
        expect(messages.map(({ bytes }) => bytes)).toEqual(given);
        expect(messages.map(({ message }) => message.type)).toEqual(given.map((text) => text[0]));
        expect(passed).toEqual(bytesOf(given));
      }),
    );
  });

  test.each([
    [`>2\r\n${bulk('message')}${bulk('text')}`, 'message'],
    ['>1\r\n+invalidate\r\n', undefined],
    [`>1\r\n${bulk('x'.repeat(65))}`, undefined],
    ['>0\r\n', undefined],
    [array(['message']), undefined],
  ])('%j shows the label of a push alone', (text, label) => {
    const [reply, ...others] = scan(redisReplies, [Buffer.from(text)]).messages;
    expect(reply).toEqual({ message: { type: text[0], ...(label && { label }) }, bytes: text });
    expect(others).toEqual([]);
  });

  test('nested a million times take no memory for it', () => {
    const text = '*1\r\n'.repeat(1_000_000);
    const { unreadable, messages } = scan(redisReplies, [Buffer.from(text), Buffer.from(':1\r\n')]);
    expect({ unreadable, messages: messages.length }).toEqual({ unreadable: undefined, messages: 1 });
    expect(messages[0]?.bytes).toHaveLength(text.length + 4);
  });
});

describe('what is not Redis', () => {
  test('is passed byte for byte, and reading ends with a reason', () => {
    const good = fc.array(fc.oneof(commandText, value), { maxLength: 4 }).map(bytesOf);
    fc.assert(
      fc.property(spoilt(good), chunkLengths, (bytes, lengths) => {
        expect(scan(redisCommands, cut(bytes, lengths)).passed).toEqual(Buffer.from(bytes));
        expect(scan(redisReplies, cut(bytes, lengths)).passed).toEqual(Buffer.from(bytes));
      }),
    );
  });

  test.each([
    ['\x16\x03\x01', 'the client begins with TLS'],
    ['\x01', 'byte 0x01 begins no command'],
    ['*1\r\n:1\r\n', 'an argument does not begin with $'],
    ['*1\r\n$-1\r\n', 'what follows $ is no length'],
    ['*x\r\n', 'what follows * is no length'],
    ['*1\n', 'a line ends without a carriage return'],
    [`*${'1'.repeat(65_537)}`, 'a line is longer than 65536 bytes'],
  ])('%j is no command', (text, reason) => {
    expect(scan(redisCommands, [Buffer.from(text, 'latin1')]).unreadable).toBe(reason);
  });

  test.each([
    ['?\r\n', 'byte 0x3f (?) begins no value'],
    ['%-1\r\n', 'what follows % is no length'],
    ['$99999999999999\r\n', 'what follows $ is no length'],
  ])('%j is no reply', (text, reason) => {
    expect(scan(redisReplies, [Buffer.from(text)]).unreadable).toBe(reason);
  });
});
