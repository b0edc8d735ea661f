import * as fc from 'fast-check';
import { play, type Played, type Sent } from '../../../test/protocol/play.js';
import { chunkLengths, cut } from '../../../test/protocol/scan.js';
import type { RedisAction, RedisMatch } from './match.js';
import { Triggers } from './triggers.js';

const bulk = (word: string) => `$${word.length}\r\n${word}\r\n`;
const command = (...words: string[]) => `*${words.length}\r\n${words.map(bulk).join('')}`;
const push = (...words: string[]) => `>${words.length}\r\n${words.map(bulk).join('')}`;
const refused = command('SQLFLOW.FAULT');
const unknown = '-ERR unknown command\r\n';
const loading = { do: 'answer', error: 'LOADING Redis is loading the dataset in memory' } as const;
const loads = `-${loading.error}\r\n`;
const redis = { protocol: 'redis' } as const;
const get = { ...redis, command: 'GET' } as const;

const cases: (readonly [string, RedisMatch, RedisAction, readonly Sent[], Partial<Played>])[] = [
  [
    'the second GET of a pipeline is refused in its place',
    { ...get, nth: 2 },
    loading,
    [
      ['upstream', command('get', 'a') + command('GET', 'b') + command('SET', 'c', 'd')],
      ['downstream', `${bulk('1')}${unknown}+OK\r\n`],
    ],
    {
      server: command('get', 'a') + refused + command('SET', 'c', 'd'),
      client: `${bulk('1')}${loads}+OK\r\n`,
      done: [],
    },
  ],
  [
    'a reply is replaced, and the server has run the command',
    { ...redis, command: 'LRANGE', key: 'a', from: 'server' },
    loading,
    [
      ['upstream', command('LRANGE', 'b', '0', '-1') + command('LRANGE', 'a', '0', '-1') + 'PING\r\n'],
      ['downstream', `${command('1', '2')}*2\r\n*1\r\n:1\r\n${bulk('x'.repeat(99))}+PONG\r\n`],
    ],
    {
      server: `${command('LRANGE', 'b', '0', '-1')}${command('LRANGE', 'a', '0', '-1')}PING\r\n`,
      client: `${command('1', '2')}${loads}+PONG\r\n`,
    },
  ],
  [
    'a command with a subcommand and a big value is swallowed to its end',
    { ...redis, command: 'CLIENT SETNAME' },
    loading,
    [
      ['upstream', command('Client', 'SetName', 'x'.repeat(3_000)) + 'PING\r\n'],
      ['downstream', `${unknown}+PONG\r\n`],
    ],
    { server: `${refused}PING\r\n`, client: `${loads}+PONG\r\n` },
  ],
  [
    'a reply stalls one byte before its end',
    { ...get, from: 'server' },
    { do: 'stall', beforeEnd: 1 },
    [
      ['upstream', command('GET', 'a')],
      ['downstream', bulk('value')],
    ],
    { client: bulk('value').slice(0, -1), done: ['stall'] },
  ],
  [
    'a push is no reply',
    { ...get, from: 'server' },
    { do: 'reset', at: 'before' },
    [
      ['upstream', command('SET', 'a', 'b') + command('GET', 'a')],
      ['downstream', `${push('message', 'a', 'b')}+OK\r\n${push('invalidate', 'a')}${bulk('b')}`],
    ],
    { client: `${push('message', 'a', 'b')}+OK\r\n${push('invalidate', 'a')}`, done: ['reset'] },
  ],
  [
    'a subscription in RESP3 has pushes for replies, one a channel',
    { ...get, from: 'server' },
    { do: 'reset', at: 'before' },
    [
      ['upstream', command('SUBSCRIBE', 'a', 'b') + command('SUBSCRIBE', 'c') + command('GET', 'a')],
      ['downstream', push('subscribe', 'a') + push('subscribe', 'b') + push('message', 'a', 'b')],
      ['downstream', `-NOPERM no\r\n${bulk('1')}`],
    ],
    {
      client: `${push('subscribe', 'a')}${push('subscribe', 'b')}${push('message', 'a', 'b')}-NOPERM no\r\n`,
      done: ['reset'],
    },
  ],
  [
    'what Redis ignores has no reply',
    { ...get, from: 'server' },
    { do: 'close', at: 'after' },
    [
      ['upstream', `\r\n*0\r\n${command('GET', 'a')}`],
      ['downstream', `${bulk('1')}+OK\r\n`],
    ],
    { client: bulk('1'), done: ['close'] },
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

test.each<[string, Sent[], string]>([
  [
    'a subscription in RESP2',
    [
      ['upstream', command('SUBSCRIBE', 'a')],
      ['downstream', command('subscribe', 'a')],
    ],
    'it subscribes in RESP2',
  ],
  [
    'MONITOR',
    [
      ['upstream', command('monitor')],
      ['downstream', '+OK\r\n+1 "GET"\r\n'],
    ],
    'replies do not follow commands after MONITOR',
  ],
  [
    'CLIENT REPLY',
    [
      ['upstream', command('client', 'reply', 'on')],
      ['downstream', '+OK\r\n'],
    ],
    'replies do not follow commands after CLIENT REPLY',
  ],
  ['a reply to nothing', [['downstream', '+OK\r\n']], 'the server replies to no command'],
])('after %s all passes, and the trigger says so', (_, sent, reason) => {
  const triggers = new Triggers({ onFired: () => undefined });
  triggers.when(get, loading);
  const inspector = triggers.opened(1);
  const got = (direction: string) => sent.filter(([to]) => to === direction).map(([, bytes]) => bytes);
  const played = play(inspector, [...sent, ['upstream', command('GET', 'a')]]);
  expect(played.client).toBe(got('downstream').join(''));
  expect(played.server).toBe(got('upstream').join('') + command('GET', 'a'));
  expect(inspector?.isDone).toBe(true);
  expect(() => {
    triggers.verify();
  }).toThrow(reason);
});

test('an answer that is due before MONITOR still comes', () => {
  const triggers = new Triggers({ onFired: () => undefined });
  triggers.when(get, loading);
  const { client } = play(triggers.opened(1), [
    ['upstream', command('GET', 'a') + command('MONITOR')],
    ['downstream', `${unknown}+OK\r\n+1 "GET"\r\n`],
  ]);
  expect(client).toBe(`${loads}+OK\r\n+1 "GET"\r\n`);
});
