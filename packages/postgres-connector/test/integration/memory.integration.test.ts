import { describeIntegration, leaseDatabase, type LeasedDatabase } from '@sqlflow/test-harness';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const MiB = 2 ** 20;
const child = fileURLToPath(new URL('child/read-large.ts', import.meta.url));
const loader = fileURLToPath(new URL('../../../../tools/source-loader/register.mjs', import.meta.url));

interface Told {
  readonly rows: number;
  readonly bytes: number;
  readonly grownBytes: number;
}

/** Reads a stream in a process of its own, whose heap is too small for it. */
async function readInChild({ endpoint }: LeasedDatabase, stream: string): Promise<Told> {
  const { host, port, database, user, password } = endpoint;
  const argument = JSON.stringify({ options: { host, port, database, user, password }, stream });
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--max-old-space-size=64', '--import', loader, child, argument],
    { env: { ...process.env, NODE_OPTIONS: '' }, timeout: 60_000 },
  );
  return JSON.parse(stdout) as Told;
}

// Arrow's memory is outside of the heap, so it is the whole process that is measured.
describeIntegration('postgres', 'memory', { tags: ['slow'] }, () => {
  test('a table several times larger than the memory allowed is read, and memory stays flat', async () => {
    await using database = await leaseDatabase();
    await database.query(`CREATE VIEW large AS SELECT i AS id, repeat(md5(i::text), 12) AS a,
      i / 7.0::float8 AS b, (i % 1000)::numeric(12,2) AS c, now() AS d
      FROM (SELECT generate_series(1, 1000000) AS i) AS series`);
    const { rows, bytes, grownBytes } = await readInChild(database, 'large');
    expect(rows).toBe(1_000_000);
    expect(bytes).toBeGreaterThan(400 * MiB);
    expect(grownBytes).toBeLessThan(150 * MiB);
  }, 90_000);

  test('wide rows do not make batches of many of them', async () => {
    await using database = await leaseDatabase();
    await database.query(
      `CREATE VIEW wide AS SELECT generate_series(1, 400) AS id, repeat('x', 1048576) AS body`,
    );
    const { rows, bytes, grownBytes } = await readInChild(database, 'wide');
    expect(rows).toBe(400);
    expect(bytes).toBeGreaterThan(400 * MiB);
    expect(grownBytes).toBeLessThan(250 * MiB);
  }, 90_000);
});
