import { jest } from '@jest/globals';
import {
  defineTemplate,
  describeIntegration,
  leaseDatabase,
  leaseKeyspace,
  leaseSchema,
} from '@sqlflow/test-harness';
import { closePools, type LeftWarm, leftWarmKey } from '../../src/lease/warm-databases.js';
import { newLeaseName } from '../../src/lease/owner.js';
import { databases, postgresAdmin, redisAdmin } from './inventory.js';
import { withVariables } from './with-variables.js';

const unique = `least_${String(process.pid)}`;

describeIntegration('postgres', 'an account that may log in and create databases, and nothing else', () => {
  test('can lease databases, from templates too, name what was left, and sweep', async () => {
    const admin = await postgresAdmin();
    await admin.query(`CREATE ROLE ${unique} LOGIN CREATEDB PASSWORD 'right'`);
    const left = newLeaseName({ place: 'ffffffffff', pid: 1, startedAt: '1' }, '_', 0);
    await admin.query(`CREATE DATABASE ${left} STRATEGY FILE_COPY`);
    const warnings = jest.spyOn(process, 'emitWarning').mockReturnValue();
    try {
      await withVariables({ TEST_POSTGRES_USER: unique, TEST_POSTGRES_PASSWORD: 'right' }, async () => {
        const template = defineTemplate({
          name: unique,
          setUp: ({ query }) => query('CREATE TABLE event AS SELECT 1 AS id'),
        });
        for (let lease = 0; lease < 3; lease += 1) {
          await using database = await leaseDatabase({ template });
          expect(await database.query('SELECT id FROM event')).toEqual([{ id: 1 }]);
        }
        await expect(leaseSchema()).rejects.toMatchObject({ code: 'permission-denied' });
        await admin.query(`GRANT CREATE ON DATABASE postgres TO ${unique}`);
        await using schema = await leaseSchema();
        await schema.query('CREATE TABLE event (id int)');
      });
      // What other accounts left is theirs to sweep.
      expect(warnings).not.toHaveBeenCalled();
      expect(await databases()).toContain(left);
    } finally {
      warnings.mockRestore();
      await admin.query(`DROP DATABASE ${left}`);
      await admin.query(`REVOKE ALL ON DATABASE postgres FROM ${unique}`);
      // What is copied ahead of need, and would be left to the next file.
      await closePools();
      const warm = (globalThis as { [leftWarmKey]?: LeftWarm })[leftWarmKey];
      for (const [key, { server }] of warm ?? []) if (server.user === unique) warm?.delete(key);
      const { rows } = await admin.query<{ datname: string }>(
        'SELECT datname FROM pg_database WHERE datdba = (SELECT oid FROM pg_roles WHERE rolname = $1)',
        [unique],
      );
      for (const { datname } of rows) await admin.query(`DROP DATABASE IF EXISTS "${datname}"`);
      await admin.query(`DROP ROLE ${unique}`);
      await admin.end();
    }
  });
});

describeIntegration('redis', 'an account with the rights that the README lists, and nothing else', () => {
  test('can lease key spaces and logical databases, and name what was left', async () => {
    const admin = redisAdmin();
    const rules =
      'on >right ~* +acl|setuser +acl|deluser +acl|users +acl|log +client|list +client|setname +config|get +info ' +
      '+select +scan +unlink +set +get +del +dbsize +flushdb';
    await admin.call('ACL', 'SETUSER', unique, 'reset', ...rules.split(' '));
    try {
      await withVariables({ TEST_REDIS_USERNAME: unique, TEST_REDIS_PASSWORD: 'right' }, async () => {
        for (const kind of ['prefix', 'database'] as const) {
          await using keyspace = await leaseKeyspace({ kind });
          await keyspace.client.set(`${keyspace.prefix}a`, 'one');
          expect(await keyspace.client.get(`${keyspace.prefix}a`)).toBe('one');
        }
      });
    } finally {
      await admin.call('ACL', 'DELUSER', unique);
      admin.disconnect();
    }
  });
});
