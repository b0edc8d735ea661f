import { describeIntegration, leaseDatabase } from '@sqlflow/test-harness';
import { readFileSync } from 'node:fs';
import { readAll, sourceOn } from './sources.js';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const grants = /```sql least-privilege\.sql\n(.*?)```/s.exec(readme)?.[1] ?? '';

describeIntegration('postgres', 'the role of the README', () => {
  test('can be tested, discovers and reads what it was granted, also later, and nothing else', async () => {
    await using database = await leaseDatabase();
    const role = `reader_of_${database.endpoint.database}`.slice(0, 63);
    // Nobody is let in by default, so that what the README grants is what lets it in.
    await database.query(`DO $$ BEGIN EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database()); END $$;
      REVOKE ALL ON SCHEMA public FROM PUBLIC; CREATE TABLE t AS SELECT 1 AS x;
      CREATE VIEW v AS SELECT x FROM t; CREATE SCHEMA private; CREATE TABLE private.t AS SELECT 1 AS x`);
    const sql = grants
      .replaceAll(/\breader\b/g, role)
      .replace('DATABASE app', `DATABASE "${database.endpoint.database}"`);
    await database.query(sql);
    try {
      await database.query('CREATE TABLE later AS SELECT 2 AS x');
      await using source = sourceOn(database, { user: role, password: 'choose one' });
      expect(await source.testConnection()).toMatchObject({ ok: true });
      expect((await source.discover()).map(({ name }) => name)).toEqual(['later', 't', 'v']);
      for (const [name, x] of [
        ['t', 1],
        ['v', 1],
        ['later', 2],
      ] as const) {
        expect(await readAll(source, name)).toEqual([{ x }]);
      }
      await using curious = sourceOn(database, { user: role, password: 'choose one', schema: 'private' });
      expect(await curious.testConnection()).toMatchObject({
        ok: false,
        failedStage: 'privilege',
        failureCode: 'permission-denied',
      });
      expect(await curious.discover()).toEqual([]);
      await expect(readAll(curious, 't')).rejects.toMatchObject({ code: 'permission-denied' });
    } finally {
      await database.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    }
  });
});
