// Run by jest-environment.integration.test.ts, by a Jest of its own: one of two files that want copies of one template.
import { defineTemplate, leaseDatabase } from '@sqlflow/test-harness';
import { notice } from '../../../src/notice.js';
import { databases } from '../inventory.js';

const template = defineTemplate({
  name: 'jest pool',
  setUp: ({ query }) => query('CREATE TABLE event AS SELECT 1 AS id'),
});

test('first', async () => {
  const before = await databases();
  await using database = await leaseDatabase({ template });
  expect(await database.query('SELECT id FROM event')).toEqual([{ id: 1 }]);
  notice(`first was ${before.includes(database.endpoint.database) ? 'ready' : 'made'}`);
});
