// Run by jest-environment.integration.test.ts, by a Jest of its own.
import { leaseDatabase } from '@sqlflow/test-harness';

test('leaks', async () => {
  await using database = await leaseDatabase();
  await database.query('BEGIN');
});

test('leaks and fails', async () => {
  await using database = await leaseDatabase();
  await database.query('BEGIN');
  throw new Error('of the test itself');
});

test('may leak', async () => {
  await using database = await leaseDatabase({ leaks: 'ignore' });
  await database.query('BEGIN');
});

test('forgets to give back', async () => {
  const database = await leaseDatabase();
  await database.query('SELECT 1');
});
