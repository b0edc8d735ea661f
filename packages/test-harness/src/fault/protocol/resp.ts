// RESP2 and RESP3, https://redis.io/docs/latest/develop/reference/protocol-spec/
import type { Feed } from './feed.js';
import { type Grammar, sayByte, Unreadable } from './piece.js';

export interface RedisCommand {
  /** Its name in capitals and its first argument, as far as they are there and not longer than `readBytes`. */
  readonly words: readonly string[];
  /** Arguments, the name included. 0: Redis ignores it. */
  readonly size: number;
}

export interface RedisReply {
  /** The first byte: `-` for an error, `>` for a push, which answers no command. */
  readonly type: string;
  /** The first element of a push, such as `message`, if it is a short string. */
  readonly label?: string;
}

const readBytes = 1_024;
const longestLabel = 64;
/** The server's PROTO_INLINE_MAX_SIZE. */
const longestLine = 65_536;
const longestBulk = 2 ** 40;
const tlsRecord = 0x16;

export function* redisCommands(feed: Feed): Grammar<RedisCommand> {
  for (;;) {
    const [first = 0] = yield* feed.take(1);
    if (first === tlsRecord) throw new Unreadable('the client begins with TLS', true);
    if ((first < 0x20 || first > 0x7e) && first !== 0x0d && first !== 0x0a) {
      throw new Unreadable(`${sayByte(first)} begins no command`);
    }
    if (first === '*'.charCodeAt(0)) yield* array(feed);
    else yield* inline(feed, first);
  }
}

function* inline(feed: Feed, first: number) {
  const rest = first === 0x0a ? '' : (yield* feed.line(longestLine)).toString('latin1');
  const words = (String.fromCharCode(first) + rest).trim().split(/\s+/).filter(Boolean);
  yield feed.head(command(words.slice(0, 2), words.length));
  yield { is: 'end' } as const;
}

function* array(feed: Feed) {
  const size = Math.max(0, count(yield* line(feed), '*'));
  const words: string[] = [];
  let read = 0;
  let unread = 0;
  for (; read < Math.min(size, 2) && unread === 0; read++) {
    const length = yield* argument(feed);
    if (length <= readBytes) words.push((yield* feed.take(length + 2)).toString('utf8', 0, length));
    else unread = length + 2;
  }
  yield feed.head(command(words, size));
  yield* feed.pass(unread);
  for (; read < size; read++) {
    const length = yield* argument(feed);
    yield feed.body();
    yield* feed.pass(length + 2);
  }
  yield { is: 'end' } as const;
}

function* argument(feed: Feed): Generator<undefined, number> {
  const text = yield* line(feed);
  if (!text.startsWith('$')) throw new Unreadable('an argument does not begin with $');
  return count(text.slice(1), '$', 0);
}

function command([name = '', ...others]: readonly string[], size: number): RedisCommand {
  return { words: name === '' ? [] : [name.toUpperCase(), ...others], size };
}

export function* redisReplies(feed: Feed): Grammar<RedisReply> {
  for (;;) {
    let { type, values, bytes } = header(yield* line(feed));
    let label: string | undefined;
    let left = values;
    if (type === '>' && values > 0) {
      ({ values, bytes } = header(yield* line(feed)));
      left += values - 1;
      if (bytes > 0 && bytes <= longestLabel + 2) {
        label = (yield* feed.take(bytes)).toString('utf8', 0, bytes - 2);
        bytes = 0;
      }
    }
    yield feed.head({ type, ...(label !== undefined && { label }) });
    yield* feed.pass(bytes);
    while (left > 0) {
      ({ type, values, bytes } = header(yield* line(feed)));
      yield feed.body();
      yield* feed.pass(bytes);
      left += values - 1;
    }
    yield { is: 'end' };
  }
}

/** The first line of a value, without its end. */
function* line(feed: Feed): Generator<undefined, string> {
  const text = (yield* feed.line(longestLine)).toString('latin1');
  if (!text.endsWith('\r\n')) throw new Unreadable('a line ends without a carriage return');
  return text.slice(0, -2);
}

/** What follows a first line: so many values, or so many bytes, of the two that end them included. */
function header(text: string): { type: string; values: number; bytes: number } {
  const type = text.charAt(0);
  const given = text.slice(1);
  switch (type) {
    case '+':
    case '-':
    case ':':
    case '_':
    case '#':
    case ',':
    case '(':
      return { type, values: 0, bytes: 0 };
    case '$':
    case '!':
    case '=': {
      const length = count(given, type);
      return { type, values: 0, bytes: length < 0 ? 0 : length + 2 };
    }
    case '*':
    case '~':
    case '>':
      return { type, values: Math.max(0, count(given, type)), bytes: 0 };
    case '%':
      return { type, values: 2 * count(given, type, 0), bytes: 0 };
    case '|':
      // Pairs about the value that follows.
      return { type, values: 2 * count(given, type, 0) + 1, bytes: 0 };
    default:
      throw new Unreadable(`${sayByte(text.charCodeAt(0))} begins no value`);
  }
}

/** @param least - -1 where null can be said by a length. */
function count(text: string, type: string, least = -1): number {
  const value = /^(?:-1|\d{1,13})$/.test(text) ? Number(text) : NaN;
  if (value >= least && value <= longestBulk) return value;
  throw new Unreadable(`what follows ${type} is no length`);
}
