import { type Row, rowsOf } from '@sqlflow/connector-contract';
import { describeIntegration, leaseDatabase } from '@sqlflow/test-harness';
import { readAll, sourceOn } from './sources.js';

describeIntegration('postgres', 'relations', () => {
  test('every kind of relation is read, filtered, cut and resumed: it has its rows once', async () => {
    await using database = await leaseDatabase();
    await database.query(`CREATE TABLE plain (id int, twice int GENERATED ALWAYS AS (id * 2) STORED);
      INSERT INTO plain SELECT generate_series(1, 60);
      CREATE VIEW viewed AS SELECT * FROM plain; CREATE MATERIALIZED VIEW kept AS SELECT * FROM plain;
      CREATE TABLE parted (LIKE plain) PARTITION BY RANGE (id);
      CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (31);
      CREATE TABLE parted_2 PARTITION OF parted DEFAULT; INSERT INTO parted SELECT * FROM plain;
      CREATE TABLE parent (id int, twice int); CREATE TABLE heir (more int) INHERITS (parent);
      INSERT INTO parent SELECT * FROM plain WHERE id < 31; INSERT INTO heir SELECT * FROM plain WHERE id >= 31;
      CREATE EXTENSION file_fdw; CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
      CREATE FOREIGN TABLE elsewhere (id int, twice int) SERVER files
        OPTIONS (program 'for i in $(seq 60); do echo "$i,$((2*i))"; done', format 'csv')`);
    await using source = sourceOn(database, { queries: { asked: 'SELECT * FROM plain;' } });
    const expected = Array.from({ length: 60 }, (_, index) => ({ id: index + 1, twice: 2 * index + 2 }));
    const byId = (all: readonly Row[]): Row[] => [...all].sort((a, b) => Number(a['id']) - Number(b['id']));
    for (const name of ['plain', 'viewed', 'kept', 'parted', 'parent', 'elsewhere', 'asked']) {
      expect([name, byId(await readAll(source, name))]).toEqual([name, expected]);
      const filter = [{ column: 'twice', op: '<=', value: 10 }] as const;
      expect(byId(await readAll(source, name, { filter }))).toEqual(expected.slice(0, 5));
      const inOrder: Row[] = [];
      for await (const { batch } of source.readResumable({ name }, { key: ['id'], batchRows: 7 }))
        inOrder.push(...rowsOf(batch));
      expect(inOrder).toEqual(expected);
      await using slices = await source.partitions({ name }, 3, { key: 'id' });
      const sliced: Row[] = [];
      for (const partition of slices.partitions) {
        for await (const batch of source.readPartition(partition, { filter })) sliced.push(...rowsOf(batch));
      }
      expect(byId(sliced)).toEqual(expected.slice(0, 5));
    }
    expect(byId(await readAll(source, 'parted_1'))).toEqual(expected.slice(0, 30));
  });

  test('a query without columns gives its rows', async () => {
    await using database = await leaseDatabase();
    await using source = sourceOn(database, { queries: { bare: 'SELECT FROM generate_series(1, 3)' } });
    expect((await source.discover())[0]?.schema.fields).toEqual([]);
    expect(await readAll(source, 'bare')).toEqual([{}, {}, {}]);
  });
});
