import { Secret } from '@sqlflow/connector-contract';
import { handshake } from './handshake.js';
import { scanCommand } from './scan-command.js';

describe('handshake', () => {
  test('says nothing where nothing is asked for', () => {
    expect(handshake({ database: 0 })).toEqual([]);
  });

  test('gives the password before anything else, with the user if there is one', () => {
    const password = new Secret('hunter2');
    expect(handshake({ password, database: 3 })).toEqual([
      ['AUTH', 'hunter2'],
      ['SELECT', '3'],
    ]);
    expect(handshake({ username: 'reader', password, database: 0 })).toEqual([['AUTH', 'reader', 'hunter2']]);
  });
});

describe('scanCommand', () => {
  test('names only what is asked for', () => {
    expect(scanCommand('0', { count: 10, encoding: 'utf8' })).toEqual(['SCAN', '0', 'COUNT', '10']);
  });

  test('carries the pattern in the encoding of the keys, and a cursor beyond 2^53 as it is', () => {
    const cursor = '17179869184000000001';
    expect(scanCommand(cursor, { match: 'é*', type: 'hash', count: 10, encoding: 'latin1' })).toEqual([
      'SCAN',
      cursor,
      'MATCH',
      Buffer.from([0xe9, 0x2a]),
      'COUNT',
      '10',
      'TYPE',
      'hash',
    ]);
    expect(scanCommand('0', { match: 'é', count: 1, encoding: 'utf8' })[3]).toEqual(
      Buffer.from([0xc3, 0xa9]),
    );
  });
});
