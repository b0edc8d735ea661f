import * as fc from 'fast-check';
import { chunkLengths, cut, scan, spoilt } from '../../../test/protocol/scan.js';
import { HttpGrammars, type HttpRequest } from './http.js';

interface Exchange {
  readonly request: string;
  readonly response: string;
}

const body = fc.string({ unit: 'binary-ascii', maxLength: 60 });
const chunked = fc
  .array(fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 30 }), { maxLength: 4 })
  .map((chunks) => chunks.map((chunk) => `${chunk.length.toString(16)};a=b\r\n${chunk}\r\n`).join(''));
const framed = fc.oneof(
  body.map((text) => `Content-Length: ${text.length}\r\n\r\n${text}`),
  chunked.map((text) => `transfer-encoding: Chunked\r\n\r\n${text}0\r\n\r\n`),
  chunked.map((text) => `Transfer-Encoding: chunked\r\n\r\n${text}0\r\nx-checksum: 7\r\n\r\n`),
);
const exchange: fc.Arbitrary<Exchange> = fc.oneof(
  fc.tuple(framed, framed).map(([sent, got]) => ({
    request: `PUT /b/k?partNumber=7 HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n${sent}`,
    response: `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n${got}`,
  })),
  framed.map((got) => ({
    request: 'GET /b/k HTTP/1.1\r\nHost: x\r\n\r\n',
    response: `HTTP/1.1 206 \r\n${got}`,
  })),
  fc.nat(99_999).map((length) => ({
    request: 'HEAD /b/k HTTP/1.1\r\n\r\n',
    response: `HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n`,
  })),
  fc.constantFrom(204, 304).map((status) => ({
    request: 'DELETE /b/k HTTP/1.0\r\n\r\n',
    response: `HTTP/1.1 ${status} x\r\nTransfer-Encoding: chunked\r\n\r\n`,
  })),
);
const bytesOf = (texts: readonly string[]) => Buffer.from(texts.join(''), 'latin1');

describe('requests and responses', () => {
  test('are the same, and belong together, however they are chunked', () => {
    fc.assert(
      fc.property(fc.array(exchange, { maxLength: 6 }), chunkLengths, chunkLengths, (given, up, down) => {
        const grammars = new HttpGrammars();
        const requests = scan(
          (feed) => grammars.client(feed),
          cut(bytesOf(given.map(({ request }) => request)), up),
        );
        const responses = scan(
          (feed) => grammars.server(feed),
          cut(bytesOf(given.map(({ response }) => response)), down),
        );
        expect([requests.unreadable, responses.unreadable]).toEqual([undefined, undefined]);
        expect(requests.messages.map(({ bytes }) => bytes)).toEqual(given.map(({ request }) => request));
        const final = responses.messages.filter(({ message }) => message.status !== 100);
        expect(final.map(({ message }) => message.request)).toEqual(
          requests.messages.map(({ message }) => message),
        );
        expect(final.map(({ bytes }) => bytes)).toEqual(
          given.map(({ response }) => response.replace('HTTP/1.1 100 Continue\r\n\r\n', '')),
        );
        expect(responses.passed).toEqual(bytesOf(given.map(({ response }) => response)));
      }),
    );
  });

  test('are passed byte for byte, and reading ends with a reason, when they are none', () => {
    const good = fc.array(exchange, { maxLength: 4 });
    fc.assert(
      fc.property(
        spoilt(good.map((given) => bytesOf(given.map(({ request }) => request)))),
        spoilt(good.map((given) => bytesOf(given.map(({ response }) => response)))),
        chunkLengths,
        (up, down, lengths) => {
          const grammars = new HttpGrammars();
          expect(scan((feed) => grammars.client(feed), cut(up, lengths)).passed).toEqual(Buffer.from(up));
          expect(scan((feed) => grammars.server(feed), cut(down, lengths)).passed).toEqual(Buffer.from(down));
        },
      ),
    );
  });

  const request = (text: string) =>
    scan((feed) => new HttpGrammars().client(feed), [Buffer.from(text, 'latin1')]);
  const response = (text: string) =>
    scan((feed) => new HttpGrammars().server(feed), [Buffer.from(text, 'latin1')]);

  test('show method, decoded path, query and whether the body waits', () => {
    const [{ message } = { message: undefined }] = request(
      'PUT http://host:1/b/a%20b%2Fc?uploads&x=%26 HTTP/1.1\r\nexpect: 100-Continue\r\n\r\n',
    ).messages;
    expect(message).toMatchObject({
      method: 'PUT',
      path: '/b/a b/c',
      expectsContinue: true,
    } satisfies Partial<HttpRequest>);
    expect([...message!.query]).toEqual([
      ['uploads', ''],
      ['x', '&'],
    ]);
  });

  test('a path that cannot be decoded is shown as it is', () => {
    expect(request('GET /%zz HTTP/1.1\r\n\r\n').messages[0]?.message.path).toBe('/%zz');
  });

  test('a response without a length ends with the connection', () => {
    expect(response('HTTP/1.1 200 OK\r\n\r\nall of this').messages[0]?.bytes).toMatch(/all of this$/);
  });

  test('a response that breaks off has no end', () => {
    const { messages, passed } = response('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf');
    expect(messages[0]?.bytes).toBeUndefined();
    expect(passed.toString()).toMatch(/half$/);
  });

  test.each([
    ['TLS', '\x16\x03\x01', 'the client begins with TLS'],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n', 'a first line is not that of an HTTP/1.1 request'],
    ['the first byte of Redis', '*', 'byte 0x2a (*) begins no HTTP/1.1 request'],
    ['a tunnel', 'CONNECT host:1 HTTP/1.1\r\n\r\n', 'asks for a tunnel'],
    ['a header of no name', 'GET / HTTP/1.1\r\nnothing\r\n\r\n', 'a header line has no name'],
    ['a length that is none', 'GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n', 'content-length is no number'],
    [
      'an unknown coding',
      'GET / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n',
      'transfer encoding other than chunked',
    ],
    [
      'a chunk without a length',
      'GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n',
      'a chunk does not begin with its length',
    ],
    ['a long line', `GET / HTTP/1.1\r\na: ${'x'.repeat(65_536)}\r\n\r\n`, 'a line is longer than'],
    ['a head that does not end', `GET / HTTP/1.1\r\na: ${'x'.repeat(65_536)}`, 'a line is longer than'],
  ])('a request cannot be read after %s', (_, text, reason) => {
    expect(request(text).unreadable).toContain(reason);
    expect(request(text).passed.toString('latin1')).toBe(text);
  });

  test('a response cannot be read after a change of protocol', () => {
    expect(response('HTTP/1.1 101 Switching Protocols\r\n\r\n').unreadable).toContain('another protocol');
  });

  test('a big body is not held back', () => {
    const { passed } = response(`HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n${'x'.repeat(99_999)}`);
    expect(passed.toString()).toMatch(/x{99999}$/);
  });
});
