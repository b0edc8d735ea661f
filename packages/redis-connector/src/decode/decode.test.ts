import fc from 'fast-check';
import { decodeScanReply } from './scan-reply.js';
import { decodeServerName } from './server-name.js';

const reply = (cursor: string, ...keys: Buffer[]): unknown => [Buffer.from(cursor), keys];

describe('decodeScanReply', () => {
  test('gives the cursor as text, since it has 64 bits', () => {
    expect(decodeScanReply(reply('17179869184000000001'), 'utf8').cursor).toBe('17179869184000000001');
  });

  test('any text comes back, a leading byte order mark included', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (keys) => {
        const all = ['\uFEFFkey', ...keys];
        expect(decodeScanReply(reply('0', ...all.map((key) => Buffer.from(key))), 'utf8').keys).toEqual(all);
      }),
    );
  });

  test('any bytes come back as latin1', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const [key = ''] = decodeScanReply(reply('0', Buffer.from(bytes)), 'latin1').keys;
        expect(Buffer.from(key, 'latin1')).toEqual(Buffer.from(bytes));
      }),
    );
  });

  test('a key that is not UTF-8 is refused by its bytes, never changed', () => {
    expect(() => decodeScanReply(reply('0', Buffer.from([0x61, 0xff])), 'utf8')).toThrow(
      "[invalid-data] a key is not UTF-8, its bytes are 61ff (hex); encoding: 'latin1' takes such keys",
    );
  });

  test.each([
    [null],
    ['OK'],
    [[]],
    [[Buffer.from('0')]],
    [[Buffer.from('x'), []]],
    [[Buffer.from('0'), [7]]],
    [['0', []]],
  ])('%j is no reply to SCAN', (wrong) => {
    expect(() => decodeScanReply(wrong, 'utf8')).toThrow('[protocol-violation]');
  });
});

describe('decodeServerName', () => {
  test('finds the version among the rest', () => {
    expect(
      decodeServerName(Buffer.from('# Server\r\nredis_version:7.0.15\r\nredis_mode:standalone\r\n')),
    ).toBe('Redis 7.0.15');
  });

  test.each([[null], ['text'], [Buffer.from('# Server\r\n')]])('finds nothing in %p', (wrong) => {
    expect(decodeServerName(wrong)).toBeUndefined();
  });
});
