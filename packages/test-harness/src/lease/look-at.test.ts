import { bucketLine, psqlLine, redisLine } from './look-at.js';

const postgres = { host: 'db', port: 5432, user: "o'neil", password: 'hunter2', database: 'test_1' };
const redis = { host: '::1', port: 6379, username: 'me', password: 'hunter2' };
const store = {
  host: '::1',
  port: 9000,
  useTls: true,
  region: 'r',
  accessKey: 'hunter1',
  secretKey: 'hunter2',
};

describe('the line that looks at what was kept', () => {
  test('opens a database, with what a shell would read otherwise in quotes', () => {
    expect(psqlLine(postgres)).toBe(
      `PGPASSWORD="$TEST_POSTGRES_PASSWORD" psql -h db -p 5432 -U 'o'\\''neil' -d test_1`,
    );
  });

  test('opens a schema', () => {
    expect(psqlLine(postgres, 's')).toMatch(/^PGOPTIONS='-c search_path=s' PGPASSWORD=/);
  });

  test('lists the keys of a prefix, or those of a logical database', () => {
    expect(redisLine(redis, { prefix: 'test:1:', database: 0 })).toBe(
      `REDISCLI_AUTH="$TEST_REDIS_PASSWORD" redis-cli -h ::1 -p 6379 --user me --scan --pattern 'test:1:*'`,
    );
    expect(redisLine({ host: 'r', port: 1 }, { prefix: '', database: 7 })).toBe(
      'redis-cli -h r -p 1 -n 7 --scan',
    );
  });

  test('lists a bucket', () => {
    expect(bucketLine(store, 'b')).toMatch(
      /--endpoint-url 'https:\/\/\[::1\]:9000' s3 ls --recursive s3:\/\/b$/,
    );
  });

  test('never has a password or a key in it', () => {
    const lines = [
      psqlLine(postgres),
      redisLine(redis, { prefix: 'p:', database: 1 }),
      bucketLine(store, 'b'),
    ];
    expect(lines.join('\n')).not.toContain('hunter');
  });
});
