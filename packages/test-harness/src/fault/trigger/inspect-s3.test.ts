import * as fc from 'fast-check';
import { play, type Played, type Sent } from '../../../test/protocol/play.js';
import { chunkLengths, cut } from '../../../test/protocol/scan.js';
import type { S3Action, S3Match } from './match.js';
import { Triggers } from './triggers.js';

const put = (part: number, head = '') =>
  `PUT /b/k?partNumber=${part}&uploadId=u HTTP/1.1\r\n${head}Content-Length: 9\r\n\r\nthe bytes`;
const get = 'GET /b/k HTTP/1.1\r\n\r\n';
const head = 'HEAD /b/k HTTP/1.1\r\n\r\n';
const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789';
const okHead = 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n';
const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n';
const goOn = 'HTTP/1.1 100 Continue\r\n\r\n';
const slowDown = {
  do: 'answer',
  status: 503,
  code: 'SlowDown',
  message: 'a < b',
  retryAfterSeconds: 3,
} as const;
const slowDownBody =
  '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>SlowDown</Code><Message>a &#60; b</Message>' +
  '<Resource>/b/k</Resource><RequestId>fault</RequestId></Error>';
const slowDownHead =
  'HTTP/1.1 503 Fault\r\nContent-Type: application/xml\r\n' +
  `Content-Length: ${slowDownBody.length}\r\nRetry-After: 3\r\n\r\n`;
const slowedDown = slowDownHead + slowDownBody;
const s3 = { protocol: 's3' } as const;
const part7 = { ...s3, method: 'PUT', query: { partNumber: '7' } } as const;

const cases: (readonly [string, S3Match, S3Action, readonly Sent[], Partial<Played>])[] = [
  [
    'a part is refused, and the store does not see it',
    part7,
    slowDown,
    [
      ['upstream', put(6)],
      ['downstream', ok],
      ['upstream', put(7)],
      ['upstream', put(7)],
      ['downstream', ok],
    ],
    { server: put(6) + put(7), client: ok + slowedDown + ok, done: [] },
  ],
  [
    'a client that waits to send its part is told to go on, and then refused',
    part7,
    slowDown,
    [['upstream', put(7, 'Expect: 100-continue\r\n')]],
    { server: '', client: goOn + slowedDown },
  ],
  [
    'a response is replaced, and the store has seen the request',
    { ...part7, from: 'server' },
    slowDown,
    [
      ['upstream', put(7, 'Expect: 100-continue\r\n')],
      ['downstream', goOn + ok],
      ['upstream', get],
      ['downstream', ok],
    ],
    { server: put(7, 'Expect: 100-continue\r\n') + get, client: goOn + slowedDown + ok, done: [] },
  ],
  [
    'requests that do not wait for responses get theirs in order',
    part7,
    slowDown,
    [
      ['upstream', get + put(7) + head + get],
      ['downstream', ok + okHead + chunked],
    ],
    { server: get + head + get, client: ok + slowedDown + okHead + chunked },
  ],
  [
    'an answer to HEAD has no body',
    { ...s3, method: 'HEAD', path: '/b/k' },
    slowDown,
    [['upstream', head]],
    { server: '', client: slowDownHead },
  ],
  [
    'a body is truncated under a right length',
    { ...s3, from: 'server', method: 'GET', status: 200 },
    { do: 'truncate', bytes: 4 },
    [
      ['upstream', get],
      ['downstream', ok],
    ],
    { client: `${okHead}0123`, done: ['close'] },
  ],
  [
    'a body stalls one byte before its end',
    { ...s3, from: 'server', path: '/b/k' },
    { do: 'stall', beforeEnd: 1 },
    [
      ['upstream', get],
      ['downstream', ok],
    ],
    { client: ok.slice(0, -1), done: ['stall'] },
  ],
  [
    'so does one in chunks',
    { ...s3, from: 'server' },
    { do: 'stall', beforeEnd: 1 },
    [
      ['upstream', get],
      ['downstream', chunked],
    ],
    { client: chunked.slice(0, -1), done: ['stall'] },
  ],
  [
    'a body that is sent is truncated',
    part7,
    { do: 'truncate', bytes: 3 },
    [['upstream', put(7)]],
    { server: put(7).slice(0, -6), done: ['close'] },
  ],
  [
    'a connection is reset when a response begins, and not with 100 Continue',
    { ...s3, from: 'server', method: 'PUT' },
    { do: 'reset', at: 'before' },
    [
      ['upstream', put(1)],
      ['downstream', goOn + ok],
    ],
    { client: goOn, done: ['reset'] },
  ],
  [
    'a response with another status passes',
    { ...s3, from: 'server', status: 206 },
    { do: 'close', at: 'after' },
    [
      ['upstream', get + get],
      ['downstream', ok + ok.replace('200', '206') + ok],
    ],
    { client: ok + ok.replace('200', '206'), done: ['close'] },
  ],
];

test.each(cases)('%s, however it is chunked', (_, match, action, sent, expected) => {
  fc.assert(
    fc.property(chunkLengths, (lengths) => {
      const triggers = new Triggers({ onFired: () => undefined });
      triggers.when(match, action);
      expect(play(triggers.opened(1), sent, (bytes) => cut(bytes, lengths))).toMatchObject(expected);
      triggers.verify();
    }),
  );
});

test.each([
  [{ method: 'GET' }, true],
  [{ method: 'POST' }, false],
  [{ path: '/b/k' }, true],
  [{ path: '/b' }, false],
  [{ query: { uploads: '' } }, true],
  [{ query: { uploads: '1' } }, false],
  [{ query: { other: '' } }, false],
])('a request is described by %j: %j', (match, fires) => {
  const triggers = new Triggers({ onFired: () => undefined });
  triggers.when({ ...s3, ...match }, { do: 'close', at: 'before' }, { optional: true });
  const { done } = play(triggers.opened(1), [['upstream', 'GET /b/k?uploads HTTP/1.1\r\n\r\n']]);
  expect(done).toEqual(fires ? ['close'] : []);
});

test('an answer waits for the end of its request, however soon it is next', () => {
  const triggers = new Triggers({ onFired: () => undefined });
  triggers.when(part7, slowDown);
  const inspector = triggers.opened(1);
  const [begun, rest] = [put(7).slice(0, -3), put(7).slice(-3)];
  const first = play(inspector, [
    ['upstream', get + begun],
    ['downstream', ok],
  ]);
  expect(first.client).toBe(ok);
  expect(play(inspector, [['upstream', rest]]).client).toBe(slowedDown);
});

test('responses belong to the requests that the store has seen', () => {
  const triggers = new Triggers({ onFired: () => undefined });
  triggers.when(part7, slowDown);
  triggers.when({ ...s3, from: 'server', method: 'HEAD' }, { do: 'close', at: 'after' });
  const { client, done } = play(triggers.opened(1), [
    ['upstream', get + put(7) + head + get],
    ['downstream', ok + okHead + ok],
  ]);
  expect({ client, done }).toEqual({ client: ok + slowedDown + okHead, done: ['close'] });
});

test('all that was held back passes at once where a response cannot be read', () => {
  const triggers = new Triggers({ onFired: () => undefined });
  triggers.when({ ...s3, from: 'server' }, { do: 'stall', beforeEnd: 9 }, { optional: true });
  const broken = chunked.replace('\r\n0\r\n\r\n', '\r\nzero\r\n');
  const sent: Sent[] = Array.from(broken, (byte) => ['downstream', byte]);
  expect(play(triggers.opened(1), [['upstream', get], ...sent])).toMatchObject({ client: broken, done: [] });
});

test('a body that is shorter than what was to pass of it is no fault', () => {
  const triggers = new Triggers({ onFired: () => undefined });
  const trigger = triggers.when({ ...s3, from: 'server' }, { do: 'truncate', bytes: 10 });
  expect(
    play(triggers.opened(1), [
      ['upstream', get],
      ['downstream', ok],
    ]).client,
  ).toBe(ok);
  expect(trigger.fired).toBe(0);
  expect(() => {
    triggers.verify();
  }).toThrow('1 message matched; a body was not longer than what was to pass of it');
});
