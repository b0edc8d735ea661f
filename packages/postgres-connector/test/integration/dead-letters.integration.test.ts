import type { RejectedRow } from '@sqlflow/postgres-connector';
import { describeIntegration, leaseDatabase } from '@sqlflow/test-harness';
import { Int64, Table, Utf8, vectorFromArray } from 'apache-arrow';
import { destinationOn, stored } from './destinations.js';

const append = { mode: 'append' } as const;

describeIntegration('postgres', 'dead letters', () => {
  test('rows that are refused are put aside with the reason, and the rest is written', async () => {
    await using database = await leaseDatabase();
    await database.query(`CREATE TABLE parent (id int8 PRIMARY KEY); INSERT INTO parent VALUES (1);
      CREATE TABLE t (id int8 PRIMARY KEY, small int2, must text NOT NULL, amount int4 CONSTRAINT positive CHECK (amount > 0),
        parent int8 REFERENCES parent DEFERRABLE INITIALLY DEFERRED, short varchar(3));
      INSERT INTO t VALUES (5, 5, 'there', 5)`);
    await using destination = destinationOn(database);
    const good = { small: 1, must: 'x', amount: 1, parent: 1n, short: 'abc' };
    const rows = Array.from({ length: 100 }, (_, index) => ({ id: BigInt(index + 10), ...good }));
    Object.assign(rows[3]!, { small: 40_000 });
    Object.assign(rows[20]!, { must: null });
    Object.assign(rows[21]!, { amount: -1 });
    Object.assign(rows[50]!, { id: 5n });
    Object.assign(rows[77]!, { parent: 2n });
    Object.assign(rows[99]!, { short: 'long' });
    const told: RejectedRow[] = [];
    const onReject = (row: RejectedRow) => void told.push(row);
    const report = await destination.writeRows({ name: 't' }, rows, { ...append, deadLetters: { onReject } });
    expect(report).toEqual({ rows: 100, rejected: 6 });
    expect(await database.query('SELECT count(*)::int AS count FROM t')).toEqual([{ count: 95 }]);
    expect(
      told.map(({ row, index, code, sqlState, column, constraint }) => ({
        ...{ isOwn: row === rows[index], index, code, sqlState, column, constraint },
      })),
    ).toEqual([
      { isOwn: true, index: 3, code: 'invalid-data', column: 'small' },
      { isOwn: true, index: 20, code: 'invalid-data', sqlState: '23502', column: 'must' },
      { isOwn: true, index: 21, code: 'invalid-data', sqlState: '23514', constraint: 'positive' },
      { isOwn: true, index: 50, code: 'invalid-data', sqlState: '23505', constraint: 't_pkey' },
      { isOwn: true, index: 77, code: 'invalid-data', sqlState: '23503', constraint: 't_parent_fkey' },
      { isOwn: true, index: 99, code: 'invalid-data', sqlState: '22001' },
    ]);
  });

  test('a table takes them in the transaction of the write, by key too', async () => {
    await using database = await leaseDatabase();
    await database.query(`CREATE TABLE t (id int8 PRIMARY KEY, v text CHECK (v <> 'bad'));
      INSERT INTO t VALUES (1, 'old'), (2, 'old')`);
    await using destination = destinationOn(database);
    const batches = new Table({
      id: vectorFromArray([1n, 2n, null, 3n, 1n], new Int64()),
      v: vectorFromArray(['new', 'bad', 'no key', 'nul \\0 \0', 'newer'], new Utf8()),
    }).batches;
    const write = () =>
      destination.write({ name: 't' }, batches, {
        ...{ mode: 'upsert', key: ['id'] },
        ...{
          deadLetters: { table: 'dead "letters"' },
          checkpoint: { format: 'test', version: 1, position: 1 },
        },
      });
    expect(await write()).toEqual({ rows: 5, rejected: 3 });
    expect(await stored(database, 't')).toEqual([
      { id: 1, v: 'newer' },
      { id: 2, v: 'old' },
    ]);
    const letters =
      await database.query(`SELECT stream_namespace, stream_name, row_index::int, code, sql_state, column_name,
      constraint_name, rejected_row FROM "dead ""letters""" ORDER BY row_index`);
    const of = { stream_namespace: 'public', stream_name: 't', code: 'invalid-data' };
    expect(letters).toEqual([
      {
        ...{ ...of, row_index: 1, sql_state: '23514', column_name: null, constraint_name: 't_v_check' },
        rejected_row: { id: '2', v: 'bad' },
      },
      {
        ...{ ...of, row_index: 2, sql_state: null, column_name: 'id', constraint_name: null },
        rejected_row: { id: null, v: 'no key' },
      },
      {
        ...{ ...of, row_index: 3, sql_state: '22021', column_name: null, constraint_name: null },
        rejected_row: { id: '3', v: 'nul \\0 \0' },
      },
    ]);
    await database.query(`CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE SQLSTATE '40001'; END $$;
      CREATE TRIGGER fail BEFORE UPDATE ON sqlflow_checkpoint FOR EACH ROW EXECUTE FUNCTION fail()`);
    await expect(write()).rejects.toMatchObject({ code: 'conflict', kind: 'transient', effect: 'none' });
    expect(await database.query('SELECT count(*)::int AS count FROM "dead ""letters"""')).toEqual([
      { count: 3 },
    ]);
  });

  test('what is no fault of a row fails the write', async () => {
    await using database = await leaseDatabase();
    await database.query(`CREATE TABLE t (id int8);
      CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE SQLSTATE '53100'; END $$;
      CREATE TRIGGER fail BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION fail()`);
    await using destination = destinationOn(database);
    const onReject = () => {
      throw new Error('is not called');
    };
    await expect(
      destination.writeRows({ name: 't' }, [{ id: 1n }], { ...append, deadLetters: { onReject } }),
    ).rejects.toMatchObject({ code: 'unavailable', effect: 'none', serverCode: '53100' });
  });
});
