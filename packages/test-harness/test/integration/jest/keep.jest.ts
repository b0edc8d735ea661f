// Run by jest-environment.integration.test.ts, by a Jest of its own.
import {
  type LeasedKeyspace,
  leaseBucket,
  leaseDatabase,
  leaseKeyspace,
  leaseSchema,
} from '@sqlflow/test-harness';

let ofAll: LeasedKeyspace;
beforeAll(async () => {
  ofAll = await leaseKeyspace();
  await ofAll.client.set(`${ofAll.prefix}a`, 'of all');
});
afterAll(() => ofAll[Symbol.asyncDispose]());

test('passes', async () => {
  await using database = await leaseDatabase();
  await using bucket = await leaseBucket();
  await database.query('CREATE TABLE event (id int)');
  await bucket.client.putObject(bucket.name, 'a', '');
});

test('fails', async () => {
  await using database = await leaseDatabase();
  await using schema = await leaseSchema();
  await using bucket = await leaseBucket();
  await database.query('CREATE TABLE event AS SELECT 7 AS id');
  await schema.query('CREATE TABLE event AS SELECT 7 AS id');
  await bucket.client.putObject(bucket.name, 'a', '');
  throw new Error('of the test itself');
});
