import { once } from 'node:events';
import { describeIntegration, leaseDatabase, toxicLink } from '@sqlflow/test-harness';
import pg from 'pg';
import { openTlsDoor } from './tls-door.js';

interface Connected extends AsyncDisposable {
  readonly client: pg.Client;
}

/** Ends at the end of its scope, whatever has become of its connection. */
async function connected(config: pg.ClientConfig): Promise<Connected> {
  const client = new pg.Client(config);
  client.on('error', () => undefined);
  await client.connect();
  return {
    client,
    async [Symbol.asyncDispose]() {
      await client.end().catch(() => undefined);
    },
  };
}

describeIntegration('postgres', 'triggers of PostgreSQL', { tags: ['fault'] }, () => {
  test('cut a connection when the server has committed and the client does not know it', async () => {
    await using database = await leaseDatabase();
    await database.query('CREATE TABLE event (id int)');
    await using link = await toxicLink(database.endpoint, { seed: 7 });
    const lost = link.when(
      { protocol: 'postgres', from: 'server', message: 'CommandComplete', tag: 'COMMIT' },
      { do: 'reset', at: 'before' },
    );
    await using session = await connected(link.endpoint);
    await session.client.query('BEGIN');
    await session.client.query('INSERT INTO event VALUES (1)');
    await expect(session.client.query('COMMIT')).rejects.toThrow(/ECONNRESET|terminated/);
    expect(await database.query('SELECT id FROM event')).toEqual([{ id: 1 }]);
    expect(await lost.firing()).toMatchObject({ connection: 1, direction: 'downstream', nthOfConnection: 1 });
    expect(link.schedule.map(({ did }) => did)).toEqual(['fire', 'reset']);
  });

  test('cut it when the client has sent COMMIT and the server has not got it', async () => {
    await using database = await leaseDatabase();
    await database.query('CREATE TABLE event (id int)');
    await using link = await toxicLink(database.endpoint);
    link.when(
      { protocol: 'postgres', from: 'client', message: 'Query', sql: 'COMMIT' },
      { do: 'close', at: 'before' },
    );
    await using session = await connected(link.endpoint);
    await session.client.query('BEGIN; INSERT INTO event VALUES (1)');
    await expect(session.client.query('COMMIT')).rejects.toThrow('terminated');
    expect(await database.query('SELECT id FROM event')).toEqual([]);
  });

  test('reset a copy on its third row', async () => {
    await using database = await leaseDatabase();
    await using link = await toxicLink(database.endpoint);
    link.when(
      { protocol: 'postgres', from: 'server', message: 'CopyData', nth: 3 },
      { do: 'reset', at: 'after' },
    );
    await using session = await connected(link.endpoint);
    const rows: string[] = [];
    // The types of pg leave its connection out.
    const { connection } = session.client as unknown as { connection: NodeJS.EventEmitter };
    connection.on('copyData', ({ chunk }: { chunk: Buffer }) => rows.push(chunk.toString()));
    const copy = session.client.query('COPY (SELECT generate_series(1, 1000)) TO STDOUT');
    await expect(copy).rejects.toThrow(/ECONNRESET|terminated/);
    expect(rows).toEqual(['1\n', '2\n', '3\n']);
  });

  test.each([
    ['a simple query', undefined],
    ['an extended query', [1]],
  ])('answer %s with an error, and the transaction has failed on the server too', async (_, values) => {
    await using database = await leaseDatabase();
    await database.query('CREATE TABLE event (id int)');
    await using link = await toxicLink(database.endpoint, { protocol: 'postgres' });
    await using session = await connected(link.endpoint);
    const { client } = session;
    await client.query('BEGIN; INSERT INTO event VALUES (1)');
    const message = values ? 'Bind' : 'Query';
    link.when(
      { protocol: 'postgres', from: 'client', message },
      { do: 'answer', sqlState: '40001', message: 'could not serialize access' },
    );
    const sql = values ? 'INSERT INTO event VALUES ($1)' : 'INSERT INTO event VALUES (2)';
    await expect(client.query(sql, values)).rejects.toMatchObject({
      code: '40001',
      message: 'could not serialize access',
      severity: 'ERROR',
    });
    await expect(client.query('SELECT 1')).rejects.toMatchObject({ code: '25P02' });
    expect(await client.query('COMMIT')).toMatchObject({ command: 'ROLLBACK' });
    expect((await client.query('SELECT count(*)::int FROM event')).rows).toEqual([{ count: 0 }]);
  });

  test('answer the data of a copy with an error, after which the connection goes on', async () => {
    await using database = await leaseDatabase();
    await database.query('CREATE TABLE event (id int)');
    await using link = await toxicLink(database.endpoint);
    link.when(
      { protocol: 'postgres', from: 'client', message: 'CopyData', nth: 2 },
      { do: 'answer', sqlState: '53100', message: 'no space left' },
    );
    await using session = await connected(link.endpoint);
    // The types of pg leave out how a query hears of a copy.
    const copy = Object.assign(new pg.Query('COPY event FROM STDIN'), {
      handleCopyInResponse(connection: { sendCopyFromChunk(bytes: Buffer): void; endCopyFrom(): void }) {
        for (const row of ['1\n', '2\n', '3\n']) connection.sendCopyFromChunk(Buffer.from(row));
        connection.endCopyFrom();
      },
    });
    const [error] = (await once(session.client.query(copy), 'error').catch((thrown: unknown) => [
      thrown,
    ])) as unknown[];
    expect(error).toMatchObject({ code: '53100', message: 'no space left' });
    expect((await session.client.query('SELECT count(*)::int FROM event')).rows).toEqual([{ count: 0 }]);
  });

  test('let a server be full, or end in the middle of rows', async () => {
    await using database = await leaseDatabase();
    await using link = await toxicLink(database.endpoint);
    link.when(
      { protocol: 'postgres', from: 'client', message: 'StartupMessage' },
      { do: 'answer', severity: 'FATAL', sqlState: '53300', message: 'sorry, too many clients already' },
    );
    link.when(
      { protocol: 'postgres', from: 'server', message: 'DataRow', nth: 5 },
      { do: 'answer', severity: 'FATAL', sqlState: '57P01' },
    );
    await expect(connected(link.endpoint)).rejects.toMatchObject({ code: '53300', severity: 'FATAL' });
    await using session = await connected(link.endpoint);
    await expect(session.client.query('SELECT generate_series(1, 9)')).rejects.toMatchObject({
      code: '57P01',
    });
  });

  test('stall an answer one byte before its end', async () => {
    await using database = await leaseDatabase();
    await using link = await toxicLink(database.endpoint, { protocol: 'postgres' });
    await using session = await connected(link.endpoint);
    const stalled = link.when(
      { protocol: 'postgres', from: 'server', message: 'ReadyForQuery' },
      { do: 'stall', beforeEnd: 1 },
    );
    let isAnswered = false;
    void session.client.query('SELECT 1').then(
      () => (isAnswered = true),
      () => undefined,
    );
    const { atByte } = await stalled.firing();
    const [{ downstream } = { downstream: undefined }] = link.connections;
    await link.until(() => downstream?.receivedBytes === atByte + 1);
    expect(downstream?.passedBytes).toBe(atByte);
    expect(isAnswered).toBe(false);
  });

  test('pass 20 MB byte for byte while none of them fires', async () => {
    await using database = await leaseDatabase();
    await using link = await toxicLink(database.endpoint);
    const match = { protocol: 'postgres', from: 'server', message: 'DataRow', nth: Infinity } as const;
    expect(() => link.when(match, { do: 'reset', at: 'after' })).toThrow('nth of a trigger of postgres');
    link.when({ ...match, nth: 1e9 }, { do: 'reset', at: 'after' }, { optional: true });
    await using session = await connected(link.endpoint);
    const sql = "SELECT md5(i::text) AS hash, repeat('x', i % 2000) AS text FROM generate_series(1, 20000) i";
    const { rows } = await session.client.query(sql);
    expect(rows).toEqual(await database.query(sql));
  });

  test('say that they cannot see what is encrypted, and toxics work on it', async () => {
    await using database = await leaseDatabase();
    await using door = await openTlsDoor(database.endpoint, { isAsked: true });
    const link = await toxicLink(door.endpoint);
    const trigger = link.when(
      { protocol: 'postgres', from: 'client', message: 'Query' },
      { do: 'reset', at: 'before' },
    );
    await using session = await connected({ ...link.endpoint, ssl: { rejectUnauthorized: false } });
    expect((await session.client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await expect(trigger.firing()).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('connection 1 cannot be read: client and server have agreed on TLS'),
    });
    link.add({ type: 'reset_peer', direction: 'downstream', afterBytes: 10 });
    await expect(session.client.query('SELECT 1')).rejects.toThrow(/ECONNRESET|terminated/);
    await expect(link[Symbol.asyncDispose]()).rejects.toMatchObject({ code: 'unsupported' });
  });

  test('that never fired fail the test that believes in them', async () => {
    await using database = await leaseDatabase();
    const link = await toxicLink(database.endpoint);
    link.when(
      { protocol: 'postgres', from: 'client', message: 'Query', sql: 'COMMIT', nth: 2 },
      { do: 'reset', at: 'before' },
    );
    await using session = await connected(link.endpoint);
    await session.client.query('COMMIT');
    await expect(link[Symbol.asyncDispose]()).rejects.toMatchObject({
      code: 'not-fired',
      message: expect.stringMatching(/"sql":"COMMIT".* has not fired: 1 message matched/),
    });
    await expect(link[Symbol.asyncDispose]()).rejects.toMatchObject({ code: 'not-fired' });
    expect(() => link.when).toThrow('[closed]');
  });

  test('say that they cannot see a connection that was made before them, as long as it is open', async () => {
    await using database = await leaseDatabase();
    const disposed = async (isClosedBefore: boolean): Promise<unknown> => {
      const link = await toxicLink(database.endpoint);
      await using session = await connected(link.endpoint);
      if (isClosedBefore) {
        await session.client.end();
        await link.until(() => link.connections.length === 0);
      }
      link.when({ protocol: 'postgres', from: 'client', message: 'Query' }, { do: 'reset', at: 'before' });
      return await link[Symbol.asyncDispose]().catch((error: unknown) => error);
    };
    expect(await disposed(false)).toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('connection 1 cannot be read: it was made before the first trigger'),
    });
    expect(await disposed(true)).toMatchObject({ code: 'not-fired' });
  });

  test('do the same in a replay, on the same connection', async () => {
    await using database = await leaseDatabase();
    const statements = async (options: { readonly replay?: string }, order: readonly number[]) => {
      await using link = await toxicLink(database.endpoint, options);
      link.when(
        { protocol: 'postgres', from: 'client', message: 'Query', sql: 'SELECT', nth: 3 },
        { do: 'answer', sqlState: '40001' },
      );
      await using first = await connected(link.endpoint);
      await using second = await connected(link.endpoint);
      const failed: string[] = [];
      for (const [index, which] of order.entries()) {
        const { client } = which === 1 ? first : second;
        await client.query('SELECT 1').catch(() => failed.push(`${index}: ${which}`));
      }
      return { failed, line: link.replayLine };
    };
    const { failed, line } = await statements({}, [1, 2, 2, 1]);
    expect(failed).toEqual(['2: 2']);
    expect((await statements({ replay: line }, [2, 1, 1, 2])).failed).toEqual(['3: 2']);
  });
});
