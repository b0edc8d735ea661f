import { describeIntegration, leaseDatabase } from '@sqlflow/test-harness';
import fc from 'fast-check';
import { comesAfter, type KeysetColumn, orderBy } from '../../src/plan/keyset.js';
import {
  toSeenTransactions,
  type TransactionSet,
  writtenBetween,
  writtenWithin,
} from '../../src/plan/incremental/transaction-set.js';

/** What one query in the language of the server says of many cases. */
describeIntegration('postgres', 'the SQL of incremental plans', () => {
  test('the rows after each row are those that ORDER BY puts behind it, with NULLs first, last or never', async () => {
    await using database = await leaseDatabase();
    await database.query(`CREATE TABLE event (a int, b numeric, c text)`);
    const value = fc.option(fc.integer({ min: 0, max: 2 }));
    const rows = fc.sample(fc.tuple(value, value, value), { numRuns: 60, seed: 6 });
    for (const row of rows) await database.query('INSERT INTO event VALUES ($1, $2, $3)', row);
    const [first, last] = ['first', 'last'] as const;
    for (const nulls of [
      [first, last, last] as const,
      [first, first, last] as const,
      [last, last, last] as const,
    ]) {
      const columns = ['a', 'b', 'c'].map((name, index): KeysetColumn => {
        return { sql: name, sqlType: ['int', 'numeric', 'text'][index] ?? '', nulls: nulls[index] ?? last };
      });
      await requireSuffixes(database, columns, 'true');
    }
    const never = ['a', 'b', 'c'].map((name, index): KeysetColumn => {
      return { sql: name, sqlType: ['int', 'numeric', 'text'][index] ?? '', nulls: 'never' };
    });
    await requireSuffixes(database, never, 'a IS NOT NULL AND b IS NOT NULL AND c IS NOT NULL');
  });

  test('a row belongs to a set of transactions, or to the difference of two, wherever the 32 bits of its id begin anew', async () => {
    await using database = await leaseDatabase();
    const bits = 2n ** 32n;
    for (const start of [100n, bits - 20n, bits, 3n * bits - 30n, 5n * bits + 7n]) {
      const earlier: TransactionSet = {
        below: start + 40n,
        running: [
          [start + 10n, 3],
          [start + 20n, 1],
        ],
        at: '',
      };
      const later: TransactionSet = {
        below: start + 60n,
        running: [
          [start + 11n, 1],
          [start + 45n, 5],
        ],
        at: '',
      };
      const ids = Array.from({ length: 80 }, (_, index) => start - 10n + BigInt(index)).filter(
        (id) => id % bits > 2n,
      );
      const list = ids.map((id) => `('${String(id)}'::xid8, '${String(id % bits)}'::xid)`).join(', ');
      const [sqlWithin, sqlBetween] = [writtenWithin(earlier, 'own'), writtenBetween(earlier, later, 'own')];
      // In place of the end of the snapshot, which is that of the whole server.
      const end = /\(SELECT pg_catalog\.pg_snapshot_xmax[^)]*\(\)\)::pg_catalog\.text::pg_catalog\.int8\)/;
      expect(sqlWithin).toMatch(end);
      const found = await database.query(
        `SELECT id::text, ${sqlWithin.replace(end, String(start + 75n))} AS within, ${sqlBetween} AS between FROM (VALUES ${list}) AS own (id, xmin)`,
      );
      for (const { id, within, between } of found) {
        const one = BigInt(String(id));
        expect([one - start, within]).toEqual([one - start, holds(earlier, one)]);
        expect([one - start, between]).toEqual([one - start, holds(later, one) && !holds(earlier, one)]);
      }
      expect(found).toHaveLength(ids.length);
    }
  });

  test('a set that the server gives parses, and holds what has been committed', async () => {
    await using database = await leaseDatabase();
    const { askTransactionSet } = await import('../../src/plan/incremental/transaction-set.js');
    await database.query('CREATE TABLE event (id int); INSERT INTO event VALUES (1)');
    const [row] = await database.query(
      `SELECT below::text, at, running FROM (${askTransactionSet.sql}) AS asked`,
    );
    const set = toSeenTransactions({ ...row, is_whole: 't' }).set;
    const [seen] = await database.query(`SELECT ${writtenWithin(set, 'event')} AS within FROM event`);
    expect(seen).toEqual({ within: true });
  });
});

function holds({ below, running }: TransactionSet, id: bigint): boolean {
  return id < below && !running.some(([first, count]) => id >= first && id < first + BigInt(count));
}

async function requireSuffixes(
  database: { query(sql: string, parameters?: readonly unknown[]): Promise<Record<string, unknown>[]> },
  columns: readonly KeysetColumn[],
  where: string,
): Promise<void> {
  const sorted = await database.query(
    `SELECT a::text, b::text, c, ctid::text AS at FROM event WHERE ${where} ORDER BY ${orderBy(columns)}`,
  );
  expect(sorted.length).toBeGreaterThan(5);
  const valuesOf = ({ a, b, c }: Record<string, unknown>) => [a, b, c] as (string | null)[];
  for (const row of sorted) {
    const parameters: string[] = [];
    const condition = comesAfter(columns, valuesOf(row), (value, sqlType) => {
      parameters.push(value);
      return `$${String(parameters.length)}::text::${sqlType}`;
    });
    const after = await database.query(
      `SELECT ctid::text AS at FROM event WHERE ${where} AND ${condition}`,
      parameters,
    );
    const last = sorted
      .map((one) => JSON.stringify(valuesOf(one)))
      .lastIndexOf(JSON.stringify(valuesOf(row)));
    expect(new Set(after.map(({ at }) => at))).toEqual(new Set(sorted.slice(last + 1).map(({ at }) => at)));
  }
}
