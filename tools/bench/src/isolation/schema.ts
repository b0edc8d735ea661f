/** A schema of 30 tables with 60 indexes besides their primary keys, a foreign key from each to the one before, and rows. */
const tables = Array.from({ length: 30 }, (_, index) => `t${String(index + 1)}`);
const rowsOfEach = 300;

export const tableNames: readonly string[] = tables;

/** SQL that creates the tables in the search path. */
export const createTables = tables
  .map((table, index) => {
    const before = tables[index - 1];
    const reference = before === undefined ? 'int' : `int REFERENCES ${before}`;
    return (
      `CREATE TABLE ${table} (id int PRIMARY KEY, parent ${reference}, name text, at timestamptz DEFAULT now());` +
      `CREATE INDEX ON ${table} (name); CREATE INDEX ON ${table} (at);`
    );
  })
  .join('\n');

/** SQL that fills them. */
export const fillTables = tables
  .map(
    (table) =>
      `INSERT INTO ${table} (id, parent, name) SELECT n, n, 'name ' || n FROM generate_series(1, ${String(rowsOfEach)}) n;`,
  )
  .join('\n');

/** SQL that writes as a small test does: twenty rows into each. */
export const writeRows = tables
  .map((table) => `INSERT INTO ${table} (id, name) SELECT n, 'new' FROM generate_series(1001, 1020) n;`)
  .join('\n');
