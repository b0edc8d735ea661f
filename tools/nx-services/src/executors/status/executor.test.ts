import { row, withoutAccount } from './executor.js';

describe('a row of `status --json`', () => {
  test('says all but the account', () => {
    const row = withoutAccount({
      service: 'postgres',
      provider: 'local',
      phase: 'running',
      private: false,
      pinned: true,
      holders: ['a:integration'],
      offer: {
        service: 'postgres',
        provider: 'local',
        endpoint: { ...{ password: 's3cr3t' }, host: '127.0.0.1', port: 5432 },
        version: 'PostgreSQL 15.18',
        logFile: '/w/logs/services/postgres.log',
      },
    });
    expect(row).toEqual({
      service: 'postgres',
      provider: 'local',
      phase: 'running',
      private: false,
      pinned: true,
      holders: ['a:integration'],
      address: '127.0.0.1:5432',
      version: 'PostgreSQL 15.18',
      logFile: '/w/logs/services/postgres.log',
    });
    expect(JSON.stringify(row)).not.toContain('s3cr3t');
  });

  test('says of a service that does not run only that', () => {
    expect(
      withoutAccount({
        service: 'redis',
        provider: 'local',
        phase: 'stopped',
        private: false,
        pinned: false,
        holders: [],
      }),
    ).toEqual({
      service: 'redis',
      provider: 'local',
      phase: 'stopped',
      private: false,
      pinned: false,
      holders: [],
    });
  });
});

test('the table tells a private server from the shared one, and says whose it is', () => {
  const status = {
    service: 'postgres',
    provider: 'local',
    pinned: false,
    holders: ['a test of shop'],
  } as const;
  expect(row({ ...status, phase: 'frozen', private: true })).toEqual([
    ...['postgres (private)', 'local', 'frozen', '', '', 'a test of shop'],
  ]);
  expect(row({ ...status, phase: 'stopped', private: false })[0]).toBe('postgres');
});
