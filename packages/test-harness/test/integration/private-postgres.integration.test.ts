import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { endpointOf, leaseDatabase, startPrivateServer } from '@sqlflow/test-harness';
import { Client } from 'pg';
import { describePrivate } from './describe-private.js';
import { answerOf, clientOf, countOf } from './private-clients.js';
import { withVariables } from './with-variables.js';

describePrivate('postgres', 'a private PostgreSQL', () => {
  test('is another server than the one that tests share, and empty', async () => {
    await using shared = await leaseDatabase();
    await using server = await startPrivateServer('postgres');
    const client = await clientOf(server);
    expect(server.endpoint.port).not.toBe(shared.endpoint.port);
    const { rows } = await client.query('SELECT datname FROM pg_database WHERE NOT datistemplate');
    expect(rows).toEqual([{ datname: 'postgres' }]);
    await client.end();
  });

  test('answers nothing while it is frozen, and goes on with the same connection once it is thawed', async () => {
    await using server = await startPrivateServer('postgres');
    const client = await clientOf(server);
    await server.freeze();
    const answer = client.query('SELECT 1 AS a');
    expect(await answerOf(answer)).toBe('silence');
    await server.thaw();
    expect((await answer).rows).toEqual([{ a: 1 }]);
    await client.end();
  });

  test('lets a client connect while it is frozen, and keeps it waiting', async () => {
    await using server = await startPrivateServer('postgres');
    await server.freeze();
    const client = new Client({ ...server.endpoint });
    const connecting = client.connect();
    expect(await answerOf(connecting)).toBe('silence');
    await server.thaw();
    await connecting;
    await client.end();
  });

  test('keeps what it has committed when it is killed and started again, and nothing else', async () => {
    await using server = await startPrivateServer('postgres');
    const client = await clientOf(server);
    await client.query('CREATE TABLE event (id int)');
    for (const id of [1, 2, 3]) await client.query('INSERT INTO event VALUES ($1)', [id]);
    await client.query('BEGIN; INSERT INTO event VALUES (4)');
    await server.kill();
    await expect(client.query('SELECT 1')).rejects.toThrow();
    await expect(clientOf(server)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await server.restart();
    const next = await clientOf(server);
    expect(await countOf(next)).toBe(3);
    await next.end();
  });

  test('can be killed while it is frozen, and restarted while it runs', async () => {
    await using server = await startPrivateServer('postgres');
    const client = await clientOf(server);
    await client.query('CREATE TABLE event AS SELECT 1 AS id');
    await server.freeze();
    await server.kill();
    await server.restart();
    await server.restart();
    const next = await clientOf(server);
    expect(await countOf(next)).toBe(1);
    await next.end();
  });

  test('comes back after it ended by itself', async () => {
    await using server = await startPrivateServer('postgres');
    const client = await clientOf(server);
    await client.query('CREATE TABLE event AS SELECT 1 AS id');
    const closed = new Promise((resolve) => client.once('end', resolve));
    await client
      .query(`COPY (SELECT 1) TO PROGRAM 'kill -QUIT $(head -1 postmaster.pid)'`)
      .catch(() => undefined);
    await closed;
    await server.restart();
    const next = await clientOf(server);
    expect(await countOf(next)).toBe(1);
    await next.end();
  });

  test('ends the connections that are asked for with 57P01, and says how many', async () => {
    await using server = await startPrivateServer('postgres');
    const [one, other] = [await clientOf(server), await clientOf(server)];
    await one.query(`SET application_name = 'the reader'`);
    const notice = once(one, 'error');
    expect(await server.terminateBackends({ applicationName: 'the reader' })).toBe(1);
    expect((await notice)[0]).toMatchObject({ code: '57P01' });
    expect((await other.query('SELECT 1 AS a')).rows).toEqual([{ a: 1 }]);
    expect(await server.terminateBackends({ database: 'another', user: 'postgres' })).toBe(0);
    expect(await server.terminateBackends()).toBe(1);
    await expect(other.query('SELECT 1')).rejects.toThrow();
  });

  test('refuses with 53300 once its connections are taken, and no more when they are given back', async () => {
    await using server = await startPrivateServer('postgres', { maxConnections: 5 });
    {
      await using held = await server.exhaustConnections();
      expect(held.count).toBe(5);
      await expect(clientOf(server)).rejects.toMatchObject({ code: '53300' });
    }
    await using again = await server.exhaustConnections();
    expect(again.count).toBeGreaterThan(0);
  });

  test('can do nothing that its state does not allow, and says why', async () => {
    await using server = await startPrivateServer('postgres');
    await server.kill();
    await expect(server.freeze()).rejects.toThrow(/^\[refused\] freezing .* ended, so it cannot be frozen/);
    await expect(server.fillDisk()).rejects.toMatchObject({ code: 'unsupported' });
    await server.kill();
    await server.restart();
    await server.thaw();
    await server.freeze();
    await server.freeze();
  });

  test('is gone after its disposal, which may be done twice, and is closed then', async () => {
    const server = await startPrivateServer('postgres');
    await server.freeze();
    await Promise.all([server[Symbol.asyncDispose](), server[Symbol.asyncDispose]()]);
    await expect(clientOf(server)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await expect(server.thaw()).rejects.toMatchObject({ code: 'closed' });
  });

  test('is ended by the abort of a fault that is under way, and not by one that had not begun', async () => {
    await using server = await startPrivateServer('postgres');
    await expect(server.freeze(AbortSignal.abort('too early'))).rejects.toBe('too early');
    const client = await clientOf(server);
    const ended = new Promise((resolve) => client.once('end', resolve));
    const controller = new AbortController();
    const restarted = server.restart(controller.signal);
    await setImmediate(); // asked for, and not answered yet
    controller.abort('enough');
    await expect(restarted).rejects.toBe('enough');
    await ended;
    await expect(server.thaw()).rejects.toMatchObject({ code: 'service-unavailable' });
  });

  test('is not to be had of a server that somebody else runs', async () => {
    const { host, port } = endpointOf('postgres');
    const variables = {
      TEST_POSTGRES_HOST: host,
      TEST_POSTGRES_PORT: String(port),
      TEST_SERVICES_LEASED: '',
    };
    await withVariables(variables, async () => {
      await expect(startPrivateServer('postgres')).rejects.toThrow(
        /^\[not-ours\] .* TEST_POSTGRES_HOST names it/,
      );
    });
  });

  test('is not started after an abort, nor with an option that there is none of', async () => {
    await expect(startPrivateServer('postgres', { signal: AbortSignal.abort('enough') })).rejects.toBe(
      'enough',
    );
    const unknown: object = { maxConnection: 5 };
    await expect(startPrivateServer('postgres', unknown)).rejects.toThrow(
      '[invalid-option] there is no option maxConnection',
    );
    await expect(startPrivateServer('postgres', { maxConnections: 1 })).rejects.toThrow(
      /1; .* from 4 to 1000/,
    );
  });
});
