import type { Feed } from './feed.js';
import { type Grammar, sayByte, Unreadable } from './piece.js';
import {
  clientMessages,
  openingMessages,
  type PostgresClientMessage,
  type PostgresServerMessage,
  serverMessages,
} from './postgres-messages.js';

/** A message, as far as it is held back to be recognised. */
export interface PostgresMessage<Name> {
  readonly name: Name;
  /** What follows the length: its first bytes, up to `readBytes`, if there is something to be read in it, else none. */
  readonly content: Buffer;
}

/** One byte, the answer to a request for encryption. */
type EncryptionRefused = 'EncryptionRefused';

/** How far a statement, a tag or an error is read. */
const readBytes = 8_192;
/** The server's MAX_STARTUP_PACKET_LENGTH. */
const longestOpening = 10_000;
/** The server's MaxAllocSize: 1 GiB. */
const longestMessage = 0x3fff_ffff;
const tlsRecord = 0x16;

/** Reads both directions of one connection: what an answer means depends on what was asked. */
export class PostgresGrammars {
  #encryptionRequests = 0;

  *client(feed: Feed): Grammar<PostgresMessage<PostgresClientMessage>> {
    while ((yield* this.#opening(feed)) !== 'StartupMessage');
    for (;;) {
      const [type = 0] = yield* feed.take(1);
      yield* message(feed, 'client', clientMessages, type);
    }
  }

  *server(feed: Feed): Grammar<PostgresMessage<PostgresServerMessage | EncryptionRefused>> {
    for (;;) {
      const [type = 0] = yield* feed.take(1);
      if (this.#encryptionRequests === 0) {
        yield* message(feed, 'server', serverMessages, type);
        continue;
      }
      this.#encryptionRequests--;
      const answer = String.fromCharCode(type);
      if (answer === 'S') throw new Unreadable('client and server have agreed on TLS', true);
      if (answer === 'G') throw new Unreadable('client and server have agreed on GSSAPI encryption', true);
      if (answer !== 'N')
        throw new Unreadable(`the server answered ${sayByte(type)} to a request for encryption`);
      yield feed.head({ name: 'EncryptionRefused', content: Buffer.alloc(0) });
      yield { is: 'end' };
    }
  }

  *#opening(feed: Feed) {
    const [first = 0] = yield* feed.take(1);
    if (first === tlsRecord) throw new Unreadable('the client begins with TLS', true);
    const length = Buffer.from([first, ...(yield* feed.take(3))]).readUInt32BE();
    if (length < 8 || length > longestOpening) {
      throw new Unreadable(`the client begins with a length of ${length}; it must be 8 to ${longestOpening}`);
    }
    const code = (yield* feed.take(4)).readUInt32BE();
    const name = openingName(code);
    if (name === 'SSLRequest' || name === 'GSSENCRequest') this.#encryptionRequests++;
    yield feed.head({ name, content: Buffer.alloc(0) });
    yield* feed.pass(length - 8);
    yield { is: 'end' } as const;
    return name;
  }
}

function openingName(code: number): PostgresClientMessage {
  if (code in openingMessages) return openingMessages[code as keyof typeof openingMessages];
  if (code >>> 16 === 3) return 'StartupMessage';
  throw new Unreadable(`the client asks for protocol ${code >>> 16}.${code & 0xffff}; only 3 is read`);
}

function* message<Name extends string>(
  feed: Feed,
  from: string,
  names: Readonly<Record<string, Name>>,
  type: number,
) {
  const name = names[String.fromCharCode(type)];
  if (name === undefined) throw new Unreadable(`${sayByte(type)} begins no message of the ${from}`);
  const length = (yield* feed.take(4)).readUInt32BE();
  if (length < 4 || length > longestMessage) {
    throw new Unreadable(
      `${name} of the ${from} has a length of ${length}; it must be 4 to ${longestMessage}`,
    );
  }
  const read = isRead.has(name) ? Math.min(length - 4, readBytes) : 0;
  const content = yield* feed.take(read);
  yield feed.head({ name, content });
  yield* feed.pass(length - 4 - read);
  yield { is: 'end' } as const;
}

const isRead: ReadonlySet<string> = new Set<PostgresClientMessage | PostgresServerMessage>([
  'Query',
  'Parse',
  'CommandComplete',
  'ErrorResponse',
]);

/** The statement of a Query or Parse, as far as it was read. */
export function statementOf({ name, content }: PostgresMessage<PostgresClientMessage>): string | undefined {
  if (name === 'Query') return text(content, 0);
  if (name === 'Parse') return text(content, content.indexOf(0) + 1);
  return undefined;
}

/** The tag of a CommandComplete: `INSERT 0 1`. */
export function tagOf({ name, content }: PostgresMessage<string>): string | undefined {
  return name === 'CommandComplete' ? text(content, 0) : undefined;
}

/** The SQLSTATE of an ErrorResponse. */
export function sqlStateOf({ name, content }: PostgresMessage<string>): string | undefined {
  if (name !== 'ErrorResponse') return undefined;
  for (let at = 0; at < content.length && content[at] !== 0; at = content.indexOf(0, at) + 1) {
    if (content[at] === 'C'.charCodeAt(0)) return text(content, at + 1);
    if (!content.includes(0, at)) return undefined;
  }
  return undefined;
}

function text(content: Buffer, from: number): string {
  const end = content.indexOf(0, from);
  return content.toString('utf8', from, end === -1 ? content.length : end);
}
