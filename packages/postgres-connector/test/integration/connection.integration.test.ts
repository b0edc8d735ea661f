import { postgresSource } from '@sqlflow/postgres-connector';
import { describeIntegration, leaseDatabase, tagged } from '@sqlflow/test-harness';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { inspect } from 'node:util';
import { readAll, sourceOn } from './sources.js';

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function closedPort(): Promise<number> {
  const server = createServer();
  const port = await listening(server);
  server.close();
  await once(server, 'close');
  return port;
}

describeIntegration('postgres', 'the connection', () => {
  tagged('smoke')(
    'a report of a working connection has every stage passed, and the version of the server',
    async () => {
      await using database = await leaseDatabase();
      await using source = sourceOn(database);
      const report = await source.testConnection();
      expect(report).toMatchObject({ ok: true, server: expect.stringMatching(/^PostgreSQL \d+/) });
      expect(report.stages.map(({ stage, outcome }) => `${stage} ${outcome}`)).toEqual([
        'options passed',
        'dns passed',
        'tcp passed',
        'tls skipped',
        'authentication passed',
        'container passed',
        'privilege passed',
      ]);
      expect(report).not.toHaveProperty('failedStage');
      expect(report.elapsedMs).toBeGreaterThan(0);
    },
  );

  test('the connection of a test is gone when its report is there', async () => {
    await using database = await leaseDatabase();
    await using source = sourceOn(database, { applicationName: 'only asking' });
    await source.testConnection();
    expect(
      await database.query(`SELECT FROM pg_stat_activity WHERE application_name = 'only asking'`),
    ).toEqual([]);
  });

  test.each([
    ['a wrong password', { password: 'hunter2' }, 'authentication', 'authentication-failed'],
    ['no password', { password: '' }, 'authentication', 'authentication-failed'],
    ['an unknown role', { user: 'nobody at all' }, 'authentication', 'authentication-failed'],
    ['a missing database', { database: 'no such database' }, 'container', 'not-found'],
    ['a missing schema', { schema: 'no such schema' }, 'privilege', 'not-found'],
    ['TLS asked of a server that has none', { tls: 'verify-full' as const }, 'tls', 'tls-failed'],
  ])('%s is told in the report, once, without a retry', async (_what, options, stage, code) => {
    await using database = await leaseDatabase();
    const retry = { maxAttempts: 5, initialDelayMs: 60_000, maxDelayMs: 60_000 };
    await using source = sourceOn(database, { ...options, retry });
    const report = await source.testConnection();
    expect(report).toMatchObject({ ok: false, failedStage: stage, failureCode: code });
    const index = report.stages.findIndex((one) => one.stage === stage);
    expect(report.stages[index]?.outcome).toBe('failed');
    expect(report.stages.slice(index + 1).every(({ outcome }) => outcome === 'skipped')).toBe(true);
    expect(inspect(report, { depth: 9 })).not.toContain('hunter2');
  });

  test.each(['testConnection', 'discover', 'read'] as const)(
    'a closed port is tried as often as the options say, and then refused: %s',
    async (call) => {
      await using database = await leaseDatabase();
      const port = await closedPort();
      await using source = sourceOn(database, {
        port,
        retry: { maxAttempts: 3, initialDelayMs: 20, maxDelayMs: 20 },
      });
      const calls = { read: () => readAll(source, 't') } as const;
      const tried = call === 'read' ? calls.read() : source[call]();
      await expect(tried).rejects.toMatchObject({
        code: 'connection-refused',
        kind: 'transient',
        serverCode: 'ECONNREFUSED',
        message: expect.stringContaining(`127.0.0.1:${String(port)}`),
      });
    },
  );

  test('a host that is not there is not found', async () => {
    await using database = await leaseDatabase();
    await using source = sourceOn(database, { host: 'no-such-host.invalid', retry: { maxAttempts: 1 } });
    await expect(source.testConnection()).rejects.toMatchObject({ code: 'host-not-found' });
  });

  test('a server that takes the connection and says nothing is a timeout', async () => {
    await using database = await leaseDatabase();
    const server = createServer();
    const port = await listening(server);
    try {
      await using source = sourceOn(database, {
        port,
        connectTimeoutMs: 50,
        retry: { maxAttempts: 2, initialDelayMs: 1 },
      });
      await expect(source.testConnection()).rejects.toMatchObject({
        code: 'timeout',
        message: expect.stringContaining('50 ms (connectTimeoutMs)'),
      });
      await expect(readAll(source, 't')).rejects.toMatchObject({ code: 'timeout' });
    } finally {
      server.close();
    }
  });

  tagged('fault')('a server that hangs up is a lost connection, and retried', async () => {
    await using database = await leaseDatabase();
    let calls = 0;
    const server = createServer((socket) => {
      calls++;
      socket.destroy();
    });
    const port = await listening(server);
    try {
      await using source = sourceOn(database, { port, retry: { maxAttempts: 3, initialDelayMs: 1 } });
      await expect(source.testConnection()).rejects.toMatchObject({ code: 'connection-lost' });
      expect(calls).toBe(3);
    } finally {
      server.close();
    }
  });

  test('an abort ends a connection that is being made', async () => {
    await using database = await leaseDatabase();
    const server = createServer();
    const port = await listening(server);
    try {
      await using source = sourceOn(database, { port });
      for (const call of [source.testConnection.bind(source), source.discover.bind(source)]) {
        const abort = new AbortController();
        const outcome = expect(call(abort.signal)).rejects.toBe('enough');
        await once(server, 'connection');
        abort.abort('enough');
        await outcome;
      }
    } finally {
      server.close();
    }
  });

  test('the password is in no error and no print of the source', async () => {
    await using database = await leaseDatabase();
    const password = 'hunter2';
    await using source = sourceOn(database, { password });
    const error: unknown = await readAll(source, 't').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'authentication-failed', kind: 'terminal' });
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(password);
    expect(inspect(source, { depth: 20, showHidden: true }) + JSON.stringify(source)).not.toContain(password);
  });

  test('the environment is not looked into: what is not an option is not so', async () => {
    await using database = await leaseDatabase();
    const { env } = process;
    const variables = {
      PGOPTIONS: '-c no.such=1 -c nonsense',
      PGREPLICATION: 'database',
      PGSSLMODE: 'require',
      PGSSLNEGOTIATION: 'direct',
      PGAPPNAME: 'from outside',
      PGPASSWORD: 'from outside',
    };
    Object.assign(env, variables);
    try {
      await using source = sourceOn(database);
      expect(await source.testConnection()).toMatchObject({ ok: true });
      expect(await source.discover()).toEqual([]);
    } finally {
      for (const name of Object.keys(variables)) Reflect.deleteProperty(env, name);
    }
  });

  test('a uri is all it takes', async () => {
    await using database = await leaseDatabase();
    await database.query('CREATE TABLE t AS SELECT current_setting($$application_name$$) AS x');
    const { host, port, user, password, database: name } = database.endpoint;
    const uri = `postgres://${user}:${password}@${host}:${String(port)}/${name}?application_name=by%20uri&sslmode=disable`;
    await using source = postgresSource({ uri });
    expect(await source.testConnection()).toMatchObject({ ok: true });
    expect(await readAll(source, 't')).toHaveLength(1);
    expect(
      await database.query(`SELECT count(*)::int FROM pg_stat_activity WHERE application_name = 'by uri'`),
    ).toEqual([{ count: 1 }]);
  });
});
