import type { ServiceOffer } from '@sqlflow/service-runtime';
import { offersTable } from './describe-offer.js';

const offers = [
  {
    service: 'postgres',
    provider: 'local',
    endpoint: { host: '127.0.0.1', port: 5432, user: 'postgres', password: 's3cr3t', database: 'app' },
    version: 'PostgreSQL 15.18',
    startedInMs: 71.6,
  },
  {
    service: 'object-store',
    provider: 'external',
    endpoint: {
      host: 's3.example.org',
      port: 443,
      useTls: true,
      region: 'r',
      accessKey: 'AKID',
      secretKey: 's3cr3t',
    },
    version: 'S3',
  },
  { service: 'redis', provider: 'local', endpoint: { host: '127.0.0.1', port: 6379 }, version: 'Redis 7' },
] satisfies readonly (ServiceOffer<'postgres'> | ServiceOffer<'object-store'> | ServiceOffer<'redis'>)[];

describe('the table of what was offered', () => {
  test('shows where each service is, as whom, and how long it took', () => {
    expect(offersTable(offers).split('\n').slice(2)).toEqual([
      'postgres      local     127.0.0.1:5432      postgres@app  PostgreSQL 15.18  72 ms',
      'object-store  external  s3.example.org:443  AKID          S3                already running',
      'redis         local     127.0.0.1:6379      none          Redis 7           already running',
    ]);
  });

  test('shows no password', () => {
    const redis = { ...offers[2]!, endpoint: { host: 'h', port: 1, password: 's3cr3t' } };
    const text = offersTable([...offers, redis]);
    expect(text).not.toContain('s3cr3t');
    expect(text).toMatch(/h:1 +default/);
  });
});
