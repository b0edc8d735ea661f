import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineTemplate, describeIntegration, leaseDatabase, tagged } from '@sqlflow/test-harness';
import { pause } from '../../src/deadline.js';
import { LeasingProcess } from './child-process.js';
import { databases, postgresAdmin } from './inventory.js';
import { withVariables } from './with-variables.js';

/** Another in each run: templates stay on the server. */
const uniqueName = () => `test ${randomUUID().slice(0, 8)}`;
const timeoutMs = 60_000;
const built: string[] = [];

/** What a template was built as, told by its note. */
async function databaseOf(name: string): Promise<string | undefined> {
  const admin = await postgresAdmin();
  const { rows } = await admin.query<{ datname: string }>(
    `SELECT datname FROM pg_database WHERE shobj_description(oid, 'pg_database') LIKE $1`,
    [`test-harness template "${name}", last used %`],
  );
  await admin.end();
  if (rows[0] !== undefined) built.push(rows[0].datname);
  return rows[0]?.datname;
}

async function sql(text: string): Promise<void> {
  const admin = await postgresAdmin();
  await admin.query(text);
  await admin.end();
}

afterAll(async () => {
  for (const database of built) await sql(`DROP DATABASE IF EXISTS ${database}`);
});

describeIntegration('postgres', 'a defined template', () => {
  tagged('smoke')('is what each lease holds, with changes of its own', async () => {
    const name = uniqueName();
    let runs = 0;
    const template = defineTemplate({
      name,
      setUp: async ({ query }) => {
        runs += 1;
        await query('CREATE TABLE event AS SELECT generate_series(1, 3) AS id');
      },
    });
    for (let lease = 0; lease < 3; lease += 1) {
      await using database = await leaseDatabase({ template });
      await database.query('DELETE FROM event WHERE id = 1');
      expect(await database.query('SELECT count(*)::int AS n FROM event')).toEqual([{ n: 2 }]);
    }
    expect(runs).toBe(1);
    expect(await databaseOf(name)).toMatch(/^test_template_/);
  });

  test('runs its SQL files before its set-up', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'template-'));
    try {
      writeFileSync(join(folder, '1.sql'), 'CREATE TABLE event (id int); INSERT INTO event VALUES (1)');
      writeFileSync(join(folder, '2.sql'), 'ALTER TABLE event ADD COLUMN name text');
      const name = uniqueName();
      const setUp = defineTemplate({
        name,
        files: [folder],
        setUp: ({ query }) => query("UPDATE event SET name = 'one'"),
      });
      await using database = await leaseDatabase({ template: setUp });
      expect(await database.query('SELECT * FROM event')).toEqual([{ id: 1, name: 'one' }]);
      await databaseOf(name);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('is copied ahead of need, and nobody can touch a copy before it is handed out', async () => {
    const name = uniqueName();
    const template = defineTemplate({ name, setUp: ({ query }) => query('CREATE TABLE event (id int)') });
    const before = await databases();
    await using database = await leaseDatabase({ template });
    const source = await databaseOf(name);
    const others = [database.endpoint.database, source, ...before];
    const ahead = await untilThere(async () => (await databases()).find((one) => !others.includes(one)));
    await expect(postgresAdmin(ahead)).rejects.toThrow('is not currently accepting connections');
    await using next = await leaseDatabase({ template });
    expect(next.endpoint.database).toBe(ahead);
    await next.query('INSERT INTO event VALUES (1)');
  });

  test('is handed out anew when the copy that was ready is gone', async () => {
    const name = uniqueName();
    const template = defineTemplate({ name, setUp: ({ query }) => query('CREATE TABLE event (id int)') });
    const before = await databases();
    await using database = await leaseDatabase({ template });
    const others = [database.endpoint.database, await databaseOf(name), ...before];
    const ahead = await untilThere(async () => (await databases()).find((one) => !others.includes(one)));
    await sql(`DROP DATABASE ${ahead}`);
    await using next = await leaseDatabase({ template });
    expect(next.endpoint.database).not.toBe(ahead);
    await next.query('INSERT INTO event VALUES (1)');
  });

  test('is built again when somebody has dropped it', async () => {
    const name = uniqueName();
    let runs = 0;
    const template = defineTemplate({ name, setUp: async () => void (runs += 1) });
    const first = await leaseDatabase({ template });
    await first[Symbol.asyncDispose]();
    await sql(`DROP DATABASE ${String(await databaseOf(name))}`);
    // Of what was ready there may be one more.
    for (let lease = 0; lease < 3; lease += 1)
      await (await leaseDatabase({ template }))[Symbol.asyncDispose]();
    expect(runs).toBe(2);
    await databaseOf(name);
  });

  test('whose set-up fails says so to each who waits, leaves nothing, and is tried again', async () => {
    const before = await databases();
    let runs = 0;
    const template = defineTemplate({
      name: uniqueName(),
      setUp: async ({ query }) => {
        runs += 1;
        await query('SELEC 1');
      },
    });
    const refused =
      /^\[template-failed\] template "test \w+" cannot be built: setUp: syntax error at or near "SELEC"/;
    const waiters = [leaseDatabase({ template }), leaseDatabase({ template })];
    for (const waiter of waiters) await expect(waiter).rejects.toThrow(refused);
    expect(runs).toBe(1);
    await expect(leaseDatabase({ template })).rejects.toThrow(refused);
    expect(runs).toBe(2);
    expect(
      (await databases()).filter((name) => name.startsWith('test_template') && !before.includes(name)),
    ).toEqual([]);
  });

  test('whose set-up leaves a connection open is refused, and names it', async () => {
    let client: Awaited<ReturnType<typeof postgresAdmin>> | undefined;
    const template = defineTemplate({
      name: uniqueName(),
      setUp: async ({ endpoint }) => {
        client = await postgresAdmin(endpoint.database);
        await client.query(`SET application_name = 'the migration'`);
      },
    });
    await expect(leaseDatabase({ template })).rejects.toThrow(/^\[template-in-use\] .*"the migration"/);
    await client?.end();
  });

  test('is awaited no longer than its lease wants to', async () => {
    const name = uniqueName();
    const controller = new AbortController();
    const template = defineTemplate({ name, setUp: () => pause(300) });
    const lease = leaseDatabase({ template, signal: controller.signal });
    controller.abort('enough');
    await expect(lease).rejects.toBe('enough');
    // The building goes on, for the next.
    await using database = await leaseDatabase({ template });
    expect(await database.query('SELECT 1 AS a')).toEqual([{ a: 1 }]);
    await databaseOf(name);
  });
});

describeIntegration('postgres', 'a template that several processes want', () => {
  test(
    'is built once, and all of them get copies',
    async () => {
      const [name, file] = [uniqueName(), join(mkdtempSync(join(tmpdir(), 'built-')), 'log')];
      const children = Array.from({ length: 4 }, () => new LeasingProcess('build-template.ts', name, file));
      expect(await Promise.all(children.map((child) => child.next()))).toEqual(
        children.map(() => [{ n: 3 }]),
      );
      expect(await Promise.all(children.map((child) => child.finish()))).toEqual(children.map(() => 0));
      expect(readFileSync(file, 'utf8')).toBe('built\n');
      rmSync(join(file, '..'), { recursive: true });
      await databaseOf(name);
    },
    timeoutMs,
  );

  test(
    'is built by the next when its builder was killed, and the half-built one is swept',
    async () => {
      const [name, file] = [uniqueName(), join(mkdtempSync(join(tmpdir(), 'built-')), 'log')];
      const builder = new LeasingProcess('build-template.ts', name, file, 'hang');
      const half = await builder.next<string>();
      const waiting = new LeasingProcess('build-template.ts', name, file);
      await untilThere(waiterForLock);
      await builder.kill();
      expect(await waiting.next()).toEqual([{ n: 3 }]);
      await waiting.finish();
      await using sweeper = new LeasingProcess('build-template.ts', name, file);
      await sweeper.next();
      expect(await databases()).not.toContain(half);
      expect(readFileSync(file, 'utf8')).toBe('built\nbuilt\n');
      rmSync(join(file, '..'), { recursive: true });
      await databaseOf(name);
    },
    timeoutMs,
  );

  test(
    'is dropped when nobody has used it for longer than the limit, and no database like it without a note',
    async () => {
      const hash = randomUUID().replaceAll('-', '').slice(0, 20);
      const [unused, used, unnoted] = ['0', '1', '2'].map(
        (digit) => `test_template_${digit}${hash.slice(1)}`,
      );
      const note = (hours: number) =>
        `test-harness template "old", last used ${new Date(Date.now() - hours * 3_600_000).toISOString()}`;
      try {
        for (const name of [unused, used, unnoted]) await sql(`CREATE DATABASE ${name} STRATEGY FILE_COPY`);
        await sql(`COMMENT ON DATABASE ${unused} IS '${note(3)}'`);
        await sql(`COMMENT ON DATABASE ${used} IS '${note(1)}'`);
        await withVariables({ TEST_SWEEP_AFTER_HOURS: '2' }, async () => {
          await using sweeper = new LeasingProcess('many-leases.ts');
          await sweeper.next();
        });
        const left = await databases();
        expect([unused, used, unnoted].map((name) => left.includes(String(name)))).toEqual([
          false,
          true,
          true,
        ]);
      } finally {
        for (const name of [unused, used, unnoted]) await sql(`DROP DATABASE IF EXISTS ${name}`);
      }
    },
    timeoutMs,
  );
});

/** The process on the server that waits for the right to build. */
async function waiterForLock(): Promise<number | undefined> {
  const admin = await postgresAdmin();
  const { rows } = await admin.query<{ pid: number }>(
    `SELECT pid FROM pg_stat_activity WHERE wait_event = 'advisory' AND query LIKE 'SELECT pg_advisory_lock(hashtext%'`,
  );
  await admin.end();
  return rows[0]?.pid;
}

async function untilThere<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (let attempt = 0; attempt < 500; attempt += 1) {
    const found = await look();
    if (found !== undefined) return found;
  }
  throw new Error('it did not come');
}
