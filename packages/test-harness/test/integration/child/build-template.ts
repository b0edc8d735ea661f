// Leases from a template whose set-up writes a line into a file, and says what the database holds. Parameters: the name
// of the template, the file, and "hang" if the set-up is not to end.
import { appendFileSync } from 'node:fs';
import { defineTemplate, leaseDatabase } from '@sqlflow/test-harness';

const [name = '', file = '', hang] = process.argv.slice(2);
const say = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`);

const template = defineTemplate({
  name,
  setUp: async ({ query, endpoint }) => {
    appendFileSync(file, 'built\n');
    await query('CREATE TABLE event AS SELECT generate_series(1, 3) AS id');
    if (hang !== undefined) {
      say(endpoint.database);
      process.stdin.resume();
      await new Promise(() => undefined);
    }
  },
});
await using database = await leaseDatabase({ template });
say(await database.query('SELECT count(*)::int AS n FROM event'));
