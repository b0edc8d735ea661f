import type { PostgresSource, PostgresTlsMode, PostgresTlsOptions } from '@sqlflow/postgres-connector';
import { leaseDatabase } from '@sqlflow/test-harness';
import { identity } from './certificates.js';
import { describePrivate } from './describe-private.js';
import { readAll, sourceOn } from './sources.js';
import { startTlsServer, type TlsServer } from './tls-server.js';

const stranger = identity('authority of somebody else');

async function failureOf(source: PostgresSource): Promise<string> {
  await using closing = source;
  const report = await closing.testConnection();
  expect(report).toMatchObject({ ok: false, failedStage: 'tls', failureCode: 'tls-failed' });
  await expect(readAll(closing, 't')).rejects.toMatchObject({ code: 'tls-failed', kind: 'terminal' });
  return report.stages.find(({ stage }) => stage === 'tls')?.message ?? '';
}

describePrivate('TLS', () => {
  let server: TlsServer;

  beforeAll(async () => {
    server = await startTlsServer();
    await server.query(`CREATE VIEW mine AS SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid();
      CREATE VIEW endless AS SELECT generate_series(1, 1000000000000) AS id, repeat('x', 1000) AS filler;
      GRANT SELECT ON mine TO PUBLIC`);
  });

  beforeEach(() => server.present(identity('localhost', { issuer: server.authority })));

  afterAll(() => server[Symbol.asyncDispose]());

  const good: [PostgresTlsMode, (ca: string) => PostgresTlsMode | PostgresTlsOptions, string][] = [
    ['require', () => 'require', 'was not checked (tls: require)'],
    ['verify-ca', (ca) => ({ mode: 'verify-ca', ca }), 'its name was not checked (tls: verify-ca)'],
    ['verify-full', (ca) => ({ mode: 'verify-full', ca }), 'encrypted, and the certificate is in order'],
  ];

  test.each(good)(
    '%s: a read is encrypted, and so is the cancel that ends it',
    async (_mode, tls, message) => {
      await using source = server.open(tls(server.authority.cert));
      const report = await source.testConnection();
      expect(report.ok).toBe(true);
      expect(report.stages.find(({ stage }) => stage === 'tls')?.message).toContain(message);
      expect(await readAll(source, 'mine')).toEqual([{ ssl: true }]);
      for await (const batch of source.read({ name: 'endless' }, { batchRows: 100 })) {
        expect(batch.numRows).toBe(100);
        break;
      }
      const running = `SELECT query FROM pg_stat_activity WHERE state <> 'idle' AND pid <> pg_backend_pid()
      AND backend_type = 'client backend'`;
      expect(await server.query(running)).toEqual([]);
    },
  );

  test('an authority that does not vouch for the server is not enough, nor are those that Node trusts', async () => {
    for (const tls of [
      { ca: stranger.cert },
      { mode: 'verify-ca', ca: stranger.cert },
      'verify-full',
    ] as const) {
      expect(await failureOf(server.open(tls))).toContain('give the certificate of its authority as tls.ca');
    }
    await using careless = server.open('require');
    expect(await readAll(careless, 'mine')).toEqual([{ ssl: true }]);
  });

  test('a certificate for another name is refused, unless that name is asked for or none is', async () => {
    await server.present(identity('db.example', { issuer: server.authority }));
    const ca = server.authority.cert;
    expect(await failureOf(server.open({ ca }))).toContain(
      'is for DNS:db.example, not for localhost; connect by a name that it carries, or say by tls.serverName',
    );
    expect(await failureOf(server.open({ ca }, { host: '127.0.0.1' }))).toContain('not for 127.0.0.1');
    for (const tls of [
      { ca, serverName: 'db.example' },
      { mode: 'verify-ca', ca },
    ] as const) {
      await using source = server.open(tls);
      expect(await readAll(source, 'mine')).toEqual([{ ssl: true }]);
    }
  });

  test('an expired certificate is refused wherever the chain is checked', async () => {
    await server.present(identity('localhost', { issuer: server.authority, validUntil: '210101000000Z' }));
    const ca = server.authority.cert;
    for (const mode of ['verify-ca', 'verify-full'] as const) {
      expect(await failureOf(server.open({ mode, ca }))).toContain('has expired; it needs a new one');
    }
    await using source = server.open('require');
    expect(await readAll(source, 'mine')).toEqual([{ ssl: true }]);
  });

  test('a client shows its certificate where one is asked for', async () => {
    const ca = server.authority.cert;
    const user = 'needs_certificate';
    const { key, cert } = identity('client', { issuer: server.authority });
    await using known = server.open({ ca, key, cert }, { user });
    expect(await readAll(known, 'mine')).toEqual([{ ssl: true }]);
    await using without = server.open({ ca }, { user });
    expect(await without.testConnection()).toMatchObject({
      failedStage: 'authentication',
      failureCode: 'authentication-failed',
    });
    const unknown = identity('client', { issuer: stranger });
    expect(await failureOf(server.open({ ca, key: unknown.key, cert: unknown.cert }, { user }))).toContain(
      'does it accept the certificate of the client',
    );
  });

  test('a key that does not belong to its certificate is said to be that', async () => {
    const { cert } = identity('client', { issuer: server.authority });
    const { key } = identity('client', { issuer: server.authority });
    expect(await failureOf(server.open({ ca: server.authority.cert, cert, key }))).toContain(
      'do the last two belong together?',
    );
  });

  test('a server that wants TLS is not spoken to without it, by default and on this machine', async () => {
    await using source = server.open('disable');
    expect(await source.testConnection()).toMatchObject({ ok: false, failedStage: 'authentication' });
  });

  test.each(['require', 'verify-full'] as const)('%s: a server without TLS is told apart', async (mode) => {
    await using database = await leaseDatabase();
    expect(await failureOf(sourceOn(database, { tls: mode }))).toContain(
      "the server speaks no TLS; it needs ssl = on, or tls: 'disable'",
    );
  });
});
