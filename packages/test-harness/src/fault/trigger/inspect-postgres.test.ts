import * as fc from 'fast-check';
import { play, type Played, type Sent } from '../../../test/protocol/play.js';
import { chunkLengths, cut } from '../../../test/protocol/scan.js';
import { copyFail, errorResponse, parse, query } from '../protocol/postgres-write.js';
import type { PostgresAction, PostgresMatch } from './match.js';
import { Triggers } from './triggers.js';

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');
const typed = (type: string, content = '') => {
  const bytes = Buffer.from(`${type}\0\0\0\0${content}`, 'latin1');
  bytes.writeUInt32BE(bytes.length - 1, 1);
  return text(bytes);
};
const startup = '\0\0\0\x10\0\x03\0\0user\0\0\0\0';
const ready = typed('Z', 'I');
const failed = typed('Z', 'E');
const commit = text(query('COMMIT'));
const committed = typed('C', 'COMMIT\0');
const mark = (number: number) => `sqlflow_fault_${number}_`;
const refused = (number: number) => typed('E', `SERROR\0C42601\0Msyntax error at "${mark(number)}"\0\0`);
const answer = { do: 'answer', sqlState: '40001', message: 'again' } as const;
const answered = text(errorResponse({ severity: 'ERROR', sqlState: '40001', message: 'again' }));
const fatal = text(errorResponse({ severity: 'FATAL', sqlState: '57P01', message: 'bye' }));
const dies = { do: 'answer', severity: 'FATAL', sqlState: '57P01', message: 'bye' } as const;

type Case = readonly [string, PostgresMatch, PostgresAction, readonly Sent[], Partial<Played>];

const server = { protocol: 'postgres', from: 'server' } as const;
const client = { protocol: 'postgres', from: 'client' } as const;
const opened: Sent[] = [
  ['upstream', startup],
  ['downstream', ready],
];
const copy = typed('d', 'a row of a copy');

const cases: Case[] = [
  [
    'the acknowledgement of a commit is lost',
    { ...server, message: 'CommandComplete', tag: 'COMMIT' },
    { do: 'reset', at: 'before' },
    [...opened, ['upstream', commit], ['downstream', typed('C', 'COMMITTED\0') + committed + ready]],
    { server: startup + commit, client: ready + typed('C', 'COMMITTED\0'), done: ['reset'] },
  ],
  [
    'the third row of a copy is the last',
    { ...server, message: 'CopyData', nth: 3 },
    { do: 'reset', at: 'after' },
    [...opened, ['downstream', typed('H') + copy + copy + copy + copy]],
    { client: ready + typed('H') + copy + copy + copy, done: ['reset'] },
  ],
  [
    'a row stalls before its last byte',
    { ...server, message: 'DataRow' },
    { do: 'stall', beforeEnd: 1 },
    [...opened, ['downstream', typed('D', 'row') + ready]],
    { client: ready + typed('D', 'row').slice(0, -1), done: ['stall'] },
  ],
  [
    'an error of one kind closes the connection',
    { ...server, message: 'ErrorResponse', sqlState: '57P01' },
    { do: 'close', at: 'before' },
    [...opened, ['downstream', answered + fatal]],
    { client: ready + answered, done: ['close'] },
  ],
  [
    'a statement does not reach the server',
    { ...client, message: 'Query', sql: 'COMMIT' },
    { do: 'close', at: 'before' },
    [...opened, ['upstream', text(query('BEGIN')) + commit]],
    { server: startup + text(query('BEGIN')), done: ['close'] },
  ],
  [
    'the server refuses something else in the place of a statement, in the words of the trigger',
    { ...client, message: 'Query', sql: 'COMMIT' },
    answer,
    [...opened, ['upstream', commit], ['downstream', refused(1) + failed], ['upstream', commit]],
    { server: startup + text(query(mark(1))) + commit, client: ready + answered + failed, done: [] },
  ],
  [
    'so it does with a part of an extended query, and skips the rest',
    { ...client, message: 'Execute' },
    answer,
    [
      ...opened,
      ['upstream', text(parse('SELECT 1')) + typed('B') + typed('E') + typed('S')],
      ['downstream', typed('1') + typed('2') + refused(1) + failed],
    ],
    {
      server: startup + text(parse('SELECT 1')) + typed('B') + text(parse(mark(1))) + typed('S'),
      client: ready + typed('1') + typed('2') + answered + failed,
    },
  ],
  [
    'and with the data of a copy',
    { ...client, message: 'CopyData', nth: 2 },
    answer,
    [...opened, ['upstream', copy + copy + copy], ['downstream', refused(1) + failed]],
    { server: startup + copy + text(copyFail(mark(1))) + copy, client: ready + answered + failed },
  ],
  [
    'an error that the server had before is its own, and each refusal gets its own words',
    { ...client, message: 'Query', times: 2 },
    answer,
    [
      ...opened,
      ['upstream', commit + commit],
      ['downstream', fatal + refused(2) + failed + refused(1) + failed],
    ],
    { client: ready + fatal + answered + failed + answered + failed },
  ],
  [
    'the server is said to be full when a client comes',
    { ...client, message: 'StartupMessage' },
    dies,
    opened.slice(0, 1),
    { server: '', client: fatal, done: ['close'] },
  ],
  [
    'the server is said to end in the middle of rows',
    { ...server, message: 'DataRow', nth: 2 },
    dies,
    [...opened, ['downstream', typed('D', 'a') + typed('D', 'b') + ready]],
    { client: ready + typed('D', 'a') + fatal, done: ['close'] },
  ],
  [
    'a refused encryption is no hindrance',
    { ...server, message: 'ReadyForQuery' },
    { do: 'reset', at: 'after' },
    [['upstream', '\0\0\0\x08\x04\xd2\x16\x2f'], ['downstream', 'N'], ...opened],
    { server: `\0\0\0\x08\x04\xd2\x16\x2f${startup}`, client: `N${ready}`, done: ['reset'] },
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

test('a connection that becomes encrypted passes, and the trigger says so', async () => {
  const triggers = new Triggers({ onFired: () => undefined });
  const trigger = triggers.when({ ...client, message: 'Query' }, answer);
  const request = '\0\0\0\x08\x04\xd2\x16\x2f';
  const played = play(triggers.opened(1), [
    ['upstream', request],
    ['downstream', 'S'],
    ['upstream', commit],
  ]);
  expect(played).toEqual({ server: request + commit, client: 'S', done: [] });
  await expect(trigger.firing()).rejects.toThrow('cannot be read: client and server have agreed on TLS');
});
