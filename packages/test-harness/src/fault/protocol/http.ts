import type { Feed } from './feed.js';
import { type Grammar, type Piece, sayByte, Unreadable } from './piece.js';

export interface HttpRequest {
  readonly method: string;
  /** Decoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** It waits for `100 Continue` before it sends its body. */
  readonly expectsContinue: boolean;
}

export interface HttpResponse {
  /** 100 to 599. Those below 200 come before the response proper. */
  readonly status: number;
  /** That it answers, if there is one. */
  readonly request: HttpRequest | undefined;
}

const longestHead = 65_536;
const longestFramingLine = 1_024;
const tlsRecord = 0x16;

const firstBytes = { request: /[A-Z]/, response: /H/ };
const requestLine = /^([A-Z]+) (\S+) HTTP\/1\.[01]$/;
const statusLine = /^HTTP\/1\.[01] ([1-5]\d\d)(?: |$)/;

type Headers = ReadonlyMap<string, string>;

/** Reads both directions of one connection: how long a response is depends on what was asked. */
export class HttpGrammars {
  /** Begun and not answered, in order. */
  readonly #open: HttpRequest[] = [];

  *client(feed: Feed): Grammar<HttpRequest> {
    for (;;) {
      const [, method = '', target = ''] = yield* start(feed, 'request', requestLine);
      if (method === 'CONNECT') throw new Unreadable('the client asks for a tunnel');
      const fields = yield* headers(feed);
      const [path = '', search] = target.replace(/^https?:\/\/[^/]*/, '').split(/\?(.*)/s);
      const request: HttpRequest = {
        method,
        path: decoded(path),
        query: new URLSearchParams(search),
        expectsContinue: fields.get('expect')?.toLowerCase() === '100-continue',
      };
      this.#open.push(request);
      yield feed.head(request);
      yield* body(feed, fields, 0);
      yield { is: 'end' };
    }
  }

  *server(feed: Feed): Grammar<HttpResponse> {
    for (;;) {
      const [, digits] = yield* start(feed, 'response', statusLine);
      const fields = yield* headers(feed);
      const status = Number(digits);
      if (status === 101) throw new Unreadable('the server changes to another protocol');
      const isFinal = status >= 200;
      const request = isFinal ? this.#open.shift() : this.#open[0];
      yield feed.head({ status, request });
      const hasBody = isFinal && status !== 204 && status !== 304 && request?.method !== 'HEAD';
      if (hasBody) yield* body(feed, fields, Infinity);
      yield { is: 'end' };
    }
  }

  /** The client is answered by somebody else: the server will not. */
  withdraw(request: HttpRequest): void {
    const index = this.#open.indexOf(request);
    if (index !== -1) this.#open.splice(index, 1);
  }
}

/** The first line. What cannot be one is refused at its first byte: its sender may never send a second line. */
function* start(
  feed: Feed,
  what: keyof typeof firstBytes,
  pattern: RegExp,
): Generator<undefined, RegExpExecArray> {
  const [byte = 0] = yield* feed.take(1);
  if (byte === tlsRecord) throw new Unreadable('the client begins with TLS', true);
  const first = String.fromCharCode(byte);
  if (!firstBytes[what].test(first)) throw new Unreadable(`${sayByte(byte)} begins no HTTP/1.1 ${what}`);
  const line = first + (yield* feed.line(longestHead)).toString('latin1').replace(/\r?\n$/, '');
  const found = pattern.exec(line);
  if (found === null) throw new Unreadable(`a first line is not that of an HTTP/1.1 ${what}`);
  return found;
}

function* headers(feed: Feed): Generator<undefined, Headers> {
  const fields = new Map<string, string>();
  for (let left = longestHead; ;) {
    const bytes = yield* feed.line(left);
    left -= bytes.length;
    const line = bytes.toString('latin1').replace(/\r?\n$/, '');
    if (line === '') return fields;
    const colon = line.indexOf(':');
    if (colon < 1) throw new Unreadable('a header line has no name');
    fields.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
}

/** @param unsaid - Bytes if neither its length is said nor that it is chunked. */
function* body(feed: Feed, fields: Headers, unsaid: number): Generator<Piece<never> | undefined, void> {
  const coding = fields.get('transfer-encoding')?.toLowerCase();
  if (coding !== undefined && coding !== 'identity') {
    if (!coding.endsWith('chunked'))
      throw new Unreadable('a transfer encoding other than chunked is not read');
    yield* chunks(feed);
    return;
  }
  const length = fields.get('content-length');
  if (length !== undefined && !/^\d{1,15}$/.test(length)) {
    throw new Unreadable('a content-length is no number');
  }
  yield* feed.pass(length === undefined ? unsaid : Number(length));
}

function* chunks(feed: Feed): Generator<Piece<never> | undefined, void> {
  for (;;) {
    const line = (yield* feed.line(longestFramingLine)).toString('latin1');
    yield feed.body();
    const [, digits] = /^([\da-f]{1,12})[ \t]*(?:;.*)?\r?\n$/i.exec(line) ?? [];
    if (digits === undefined) throw new Unreadable('a chunk does not begin with its length');
    const size = parseInt(digits, 16);
    if (size === 0) break;
    yield* feed.pass(size);
    // The line end behind the chunk.
    yield* feed.line(2);
    yield feed.body();
  }
  for (let line = ''; line.trim() !== '' || line === '';) {
    line = (yield* feed.line(longestHead)).toString('latin1');
    yield feed.body();
  }
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
