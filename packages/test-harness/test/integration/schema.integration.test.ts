import {
  describeIntegration,
  inTransaction,
  leaseDatabase,
  leaseSchema,
  tagged,
} from '@sqlflow/test-harness';
import { Client } from 'pg';
import { LeasingProcess } from './child-process.js';
import { postgresAdmin, schemas } from './inventory.js';

describeIntegration('postgres', 'a leased schema', () => {
  tagged('smoke')('is its own by name, for its query and for any client with its endpoint', async () => {
    await using schema = await leaseSchema();
    await using other = await leaseSchema();
    await schema.query('CREATE TABLE event AS SELECT 1 AS id');
    await other.query('CREATE TABLE event AS SELECT 2 AS id');
    const client = new Client({ ...schema.endpoint });
    await client.connect();
    expect((await client.query('SELECT id FROM event')).rows).toEqual([{ id: 1 }]);
    await client.end();
    expect(await other.query('SELECT id FROM event')).toEqual([{ id: 2 }]);
  });

  test('is dropped at the end of its scope with all in it', async () => {
    let name: string;
    {
      await using schema = await leaseSchema();
      ({ name } = schema);
      await schema.query('CREATE TABLE a (id int PRIMARY KEY); CREATE VIEW b AS SELECT * FROM a');
      expect(await schemas()).toContain(name);
    }
    expect(await schemas()).not.toContain(name);
  });

  test('can be made in a leased database', async () => {
    await using database = await leaseDatabase();
    await using schema = await leaseSchema({ database: database.endpoint.database });
    await schema.query('CREATE TABLE event AS SELECT 1 AS id');
    expect(await database.query(`SELECT id FROM ${schema.name}.event`)).toEqual([{ id: 1 }]);
  });

  test('can be given back twice, and is closed then', async () => {
    const schema = await leaseSchema();
    await Promise.all([schema[Symbol.asyncDispose](), schema[Symbol.asyncDispose]()]);
    await expect(schema.query('SELECT 1')).rejects.toMatchObject({ code: 'closed' });
  });

  test('is dropped after its process was killed, and so is none of a stranger', async () => {
    const admin = await postgresAdmin();
    const stranger = `test_orders_${String(process.pid)}`;
    await admin.query(`CREATE SCHEMA ${stranger}`);
    try {
      const killed = new LeasingProcess('hold-schema.ts');
      const name = await killed.next<string>();
      await killed.kill();
      expect(await schemas()).toContain(name);
      await using next = new LeasingProcess('hold-schema.ts');
      await next.next();
      expect(await schemas()).not.toContain(name);
      expect(await schemas()).toContain(stranger);
      expect(await next.finish()).toBe(0);
    } finally {
      await admin.query(`DROP SCHEMA ${stranger}`);
      await admin.end();
    }
  }, 60_000);

  test('is not there after an abort', async () => {
    await expect(leaseSchema({ signal: AbortSignal.abort('enough') })).rejects.toBe('enough');
  });
});

describeIntegration('postgres', 'inTransaction', () => {
  test('undoes what its body writes, which nobody else sees, and answers what it returns', async () => {
    await using database = await leaseDatabase();
    await database.query('CREATE TABLE event (id int)');
    const seen = await inTransaction(database, async (client) => {
      await client.query('INSERT INTO event VALUES ($1)', [1]);
      const { rows } = await client.query('SELECT count(*)::int AS n FROM event');
      return [rows, await database.query('SELECT count(*)::int AS n FROM event')];
    });
    expect(seen).toEqual([[{ n: 1 }], [{ n: 0 }]]);
    expect(await database.query('SELECT count(*)::int AS n FROM event')).toEqual([{ n: 0 }]);
  });

  test('undoes it as well when its body throws, and throws that', async () => {
    await using schema = await leaseSchema();
    await schema.query('CREATE TABLE event (id int)');
    const failing = inTransaction(schema, async (client) => {
      await client.query('INSERT INTO event VALUES (1)');
      throw new Error('of the test');
    });
    await expect(failing).rejects.toThrow('of the test');
    expect(await schema.query('SELECT * FROM event')).toEqual([]);
  });

  test('lets its body see a failed statement', async () => {
    await using database = await leaseDatabase();
    const code = await inTransaction(database.endpoint, async (client) => {
      const error: unknown = await client.query('SELECT no').catch((reason: unknown) => reason);
      return (error as { code: string }).code;
    });
    expect(code).toBe('42703');
  });

  test.each(['COMMIT', 'ROLLBACK', 'COMMIT AND CHAIN'])(
    'says so when its body runs %s',
    async (statement) => {
      await using database = await leaseDatabase();
      await expect(inTransaction(database, (client) => client.query(statement))).rejects.toThrow(
        /^\[leaked\] the body of inTransaction has ended the transaction/,
      );
    },
  );
});
