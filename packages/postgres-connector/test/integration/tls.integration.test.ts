import { describeIntegration, leaseDatabase, type LeasedDatabase } from '@sqlflow/test-harness';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { readAll, runningQueries, sourceOn } from './sources.js';
import { selfSigned } from './self-signed.js';

const identity = selfSigned('localhost');

/** A door to the server that speaks TLS, as a server with `ssl = on` does. It counts what comes to it. */
async function tlsDoor({
  endpoint,
}: LeasedDatabase): Promise<{ server: Server; port: number; plain: () => number }> {
  let plain = 0;
  const server = createServer((client) => {
    client.on('error', () => undefined);
    client.once('data', (first) => {
      client.pause();
      if (first.readInt32BE(4) !== 80_877_103) {
        plain++;
        client.destroy();
        return;
      }
      client.write('S');
      join(new TLSSocket(client, { isServer: true, ...identity }), connect(endpoint.port, endpoint.host));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port, plain: () => plain };
}

function join(a: Socket, b: Socket): void {
  for (const socket of [a, b]) socket.on('error', () => undefined);
  a.pipe(b).pipe(a);
  a.on('close', () => b.destroy());
  b.on('close', () => a.destroy());
}

describeIntegration('postgres', 'TLS', () => {
  test('with a certificate that it trusts, a read is encrypted, and so is the cancel that ends it', async () => {
    await using database = await leaseDatabase();
    await database.query(
      `CREATE VIEW endless AS SELECT generate_series(1, 1000000000000) AS id, repeat('x', 1000) AS filler`,
    );
    const { server, port, plain } = await tlsDoor(database);
    try {
      await using source = sourceOn(database, { host: 'localhost', port, tls: { ca: identity.cert } });
      const report = await source.testConnection();
      expect(report.stages.find(({ stage }) => stage === 'tls')?.message).toBe(
        'encrypted, and the certificate is in order',
      );
      for await (const batch of source.read({ name: 'endless' }, { batchRows: 100 })) {
        expect(batch.numRows).toBe(100);
        break;
      }
      expect(await runningQueries(database)).toEqual([]);
      expect(plain()).toBe(0);
    } finally {
      server.close();
    }
  });

  test.each([
    ['nobody vouches for', { host: 'localhost', tls: {} }],
    ['is for another name', { host: '127.0.0.1', tls: { ca: identity.cert } }],
    [
      'is not for the name asked for',
      { host: 'localhost', tls: { ca: identity.cert, serverName: 'db.example' } },
    ],
  ])('a certificate that %s is refused, and the report says that it is TLS', async (_what, options) => {
    await using database = await leaseDatabase();
    const { server, port } = await tlsDoor(database);
    try {
      await using source = sourceOn(database, { ...options, port });
      expect(await source.testConnection()).toMatchObject({
        ok: false,
        failedStage: 'tls',
        failureCode: 'tls-failed',
      });
      await expect(readAll(source, 't')).rejects.toMatchObject({ code: 'tls-failed', kind: 'terminal' });
    } finally {
      server.close();
    }
  });

  test('another name can be asked for, and the check be turned off, which the report says', async () => {
    await using database = await leaseDatabase();
    await database.query('CREATE TABLE t AS SELECT 1 AS x');
    const { server, port } = await tlsDoor(database);
    try {
      const tls = { ca: identity.cert, serverName: 'localhost' };
      await using named = sourceOn(database, { host: '127.0.0.1', port, tls });
      expect(await readAll(named, 't')).toEqual([{ x: 1 }]);
      await using trusting = sourceOn(database, { port, tls: { rejectUnauthorized: false } });
      const { ok, stages } = await trusting.testConnection();
      expect(ok).toBe(true);
      expect(stages.find(({ stage }) => stage === 'tls')?.message).toContain('was not checked');
    } finally {
      server.close();
    }
  });
});
