import * as fc from 'fast-check';
import { chunkLengths, cut, scan, spoilt } from '../../../test/protocol/scan.js';
import { PostgresGrammars, type PostgresMessage, sqlStateOf, statementOf, tagOf } from './postgres.js';
import { clientMessages, serverMessages } from './postgres-messages.js';
import { errorResponse } from './postgres-write.js';

const client = (chunks: readonly Uint8Array[]) => scan((feed) => new PostgresGrammars().client(feed), chunks);
const server = (chunks: readonly Uint8Array[]) => scan((feed) => new PostgresGrammars().server(feed), chunks);
const names = ({ messages }: { messages: { message: PostgresMessage<string> }[] }) =>
  messages.map(({ message }) => message.name);

function opening(code: number, content = ''): Buffer {
  const bytes = Buffer.from(`\0\0\0\0\0\0\0\0${content}`, 'latin1');
  bytes.writeUInt32BE(bytes.length);
  bytes.writeUInt32BE(code, 4);
  return bytes;
}

function typed(type: string, content: string | Uint8Array): Buffer {
  const bytes = Buffer.concat([Buffer.from(`${type}\0\0\0\0`), Buffer.from(content)]);
  bytes.writeUInt32BE(bytes.length - 1, 1);
  return bytes;
}

const startup = opening(196_608, 'user\0me\0\0');
const sslRequest = opening(80_877_103);

const messagesOf = (types: object) =>
  fc.array(
    fc
      .tuple(fc.constantFrom(...Object.keys(types)), fc.uint8Array({ maxLength: 60 }))
      .map(([type, content]) => ({
        name: (types as Record<string, string>)[type]!,
        bytes: typed(type, content),
      })),
    { maxLength: 12 },
  );

describe('messages of a PostgreSQL client', () => {
  test('are the same however they are chunked', () => {
    fc.assert(
      fc.property(messagesOf(clientMessages), chunkLengths, (given, lengths) => {
        const bytes = Buffer.concat([sslRequest, startup, ...given.map((each) => each.bytes)]);
        const scanned = client(cut(bytes, lengths));
        expect(scanned.unreadable).toBeUndefined();
        expect(names(scanned)).toEqual(['SSLRequest', 'StartupMessage', ...given.map(({ name }) => name)]);
        expect(scanned.messages.slice(2).map((each) => each.bytes)).toEqual(
          given.map((each) => each.bytes.toString('latin1')),
        );
        expect(scanned.passed).toEqual(bytes);
      }),
    );
  });

  test('are passed byte for byte, and reading ends with a reason, when they are none', () => {
    const good = messagesOf(clientMessages).map((given) =>
      Buffer.concat([startup, ...given.map(({ bytes }) => bytes)]),
    );
    fc.assert(
      fc.property(spoilt(good), chunkLengths, (bytes, lengths) => {
        expect(client(cut(bytes, lengths)).passed).toEqual(Buffer.from(bytes));
        expect(server(cut(bytes, lengths)).passed).toEqual(Buffer.from(bytes));
      }),
    );
  });

  test.each([
    ['a first byte of TLS', Buffer.from([0x16, 3, 1, 0]), 'the client begins with TLS'],
    [
      'an HTTP request',
      Buffer.from('GET / HTTP/1.1\r\n'),
      'begins with a length of 1195725856; it must be 8 to 10000',
    ],
    ['a length of 4', Buffer.from([0, 0, 0, 4]), 'begins with a length of 4; it must be 8 to 10000'],
    ['protocol 2', opening(131_072), 'asks for protocol 2.0; only 3 is read'],
    [
      'an unknown type',
      Buffer.concat([startup, Buffer.from('!\0\0\0\x04')]),
      'byte 0x21 (!) begins no message of the client',
    ],
    [
      'a length below 4',
      Buffer.concat([startup, Buffer.from('Q\0\0\0\x03')]),
      'Query of the client has a length of 3',
    ],
  ])('cannot be read after %s', (_, bytes, reason) => {
    const scanned = client([bytes]);
    expect(scanned.unreadable).toContain(reason);
    expect(scanned.passed).toEqual(bytes);
  });

  test('show the statement of Query and Parse, however long', () => {
    const statement = (bytes: Buffer) => statementOf(client([startup, bytes]).messages[1]!.message);
    expect(statement(typed('Q', 'COMMIT\0'))).toBe('COMMIT');
    expect(statement(typed('P', 'name\0SELECT $1\0\0\0'))).toBe('SELECT $1');
    expect(statement(typed('Q', `${'x'.repeat(20_000)}\0`))).toHaveLength(8_192);
    expect(statement(typed('B', 'name\0'))).toBeUndefined();
  });

  test('of more than is read are not held back', () => {
    const [begun] = cut(typed('d', Buffer.alloc(100_000)), [50_000]);
    const scanned = client([startup, begun!]);
    expect(names(scanned)).toEqual(['StartupMessage', 'CopyData']);
    expect(scanned.passed).toHaveLength(startup.length + 50_000);
  });
});

describe('messages of a PostgreSQL server', () => {
  test('are the same however they are chunked', () => {
    fc.assert(
      fc.property(messagesOf(serverMessages), chunkLengths, (given, lengths) => {
        const scanned = server(cut(Buffer.concat(given.map(({ bytes }) => bytes)), lengths));
        expect(scanned.unreadable).toBeUndefined();
        expect(names(scanned)).toEqual(given.map(({ name }) => name));
      }),
    );
  });

  test.each([
    ['S', 'client and server have agreed on TLS'],
    ['G', 'client and server have agreed on GSSAPI encryption'],
    ['E', 'the server answered byte 0x45 (E) to a request for encryption'],
    ['N', undefined],
  ])('are read after %s to a request for encryption only if it was refused', (answer, reason) => {
    const grammars = new PostgresGrammars();
    scan((feed) => grammars.client(feed), [sslRequest]);
    const scanned = scan((feed) => grammars.server(feed), [Buffer.from(answer), typed('Z', 'I')]);
    expect(scanned.unreadable).toBe(reason);
    expect(names(scanned)).toEqual(reason === undefined ? ['EncryptionRefused', 'ReadyForQuery'] : []);
  });

  test('show the tag of CommandComplete and the SQLSTATE of ErrorResponse', () => {
    const [tag, failure, other] = server([
      typed('C', 'INSERT 0 1\0'),
      errorResponse({ severity: 'FATAL', sqlState: '57P01', message: 'Code' }),
      typed('E', 'MCode\0'),
    ]).messages;
    expect(tagOf(tag!.message)).toBe('INSERT 0 1');
    expect(sqlStateOf(failure!.message)).toBe('57P01');
    expect(sqlStateOf(other!.message)).toBeUndefined();
    expect(tagOf(failure!.message)).toBeUndefined();
    expect(sqlStateOf(tag!.message)).toBeUndefined();
  });
});
