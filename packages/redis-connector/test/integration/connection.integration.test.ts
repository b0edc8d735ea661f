import { inspect } from 'node:util';
import {
  describeIntegration,
  leaseKeyspace,
  type LeasedKeyspace,
  tagged,
  toxicLink,
} from '@sqlflow/test-harness';
import { redisSource, type RedisSourceOptions } from '../../src/index.js';
import { testCertificate } from './certificate.js';
import { notingClock } from './noting-clock.js';
import { asked, left, stall } from './stalled-link.js';
import { openTlsDoor } from './tls-door.js';

function optionsFor(
  { endpoint }: Pick<LeasedKeyspace, 'endpoint'>,
  changes: Partial<RedisSourceOptions> = {},
): RedisSourceOptions {
  const { host, port, ...credentials } = endpoint;
  return { endpoint: { host, port }, ...credentials, ...changes };
}

describeIntegration('redis', 'testConnection of redisSource', () => {
  tagged('smoke')('passes every stage that applies and says what runs there', async () => {
    await using keyspace = await leaseKeyspace();
    await using source = redisSource(optionsFor(keyspace));
    const report = await source.testConnection();
    expect(report.stages.map(({ stage, outcome }) => `${stage} ${outcome}`)).toEqual([
      'options passed',
      'dns passed',
      'tcp passed',
      'tls skipped',
      'authentication passed',
      'container passed',
      'privilege passed',
    ]);
    expect(report.ok).toBe(true);
    expect(report.server).toMatch(/^Redis \d+\.\d+/);
    expect(report.elapsedMs).toBeGreaterThan(0);
  });

  test('a wrong password fails the stage of authentication, without a retry and without being shown', async () => {
    await using keyspace = await leaseKeyspace();
    const { clock, waitsMs } = notingClock();
    await using source = redisSource(optionsFor(keyspace, { password: 'not-the-password' }), { clock });
    const report = await source.testConnection();
    expect(report).toMatchObject({
      ok: false,
      failedStage: 'authentication',
      failureCode: 'authentication-failed',
    });
    expect(report.stages.map(({ outcome }) => outcome).slice(-3)).toEqual(['failed', 'skipped', 'skipped']);
    expect(waitsMs).toEqual([]);
    const error: unknown = await firstBatch(source.scanKeys()).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'authentication-failed', serverCode: 'WRONGPASS' });
    const printed = inspect([source, report, error], { depth: 9, showHidden: true });
    expect(printed + JSON.stringify([report, error])).not.toContain('not-the-password');
  });

  test('an unknown user fails the stage of authentication', async () => {
    await using keyspace = await leaseKeyspace();
    await using source = redisSource(optionsFor(keyspace, { username: 'nobody' }));
    expect(await source.testConnection()).toMatchObject({ ok: false, failedStage: 'authentication' });
  });

  test('a database that the server does not have fails the stage of the container', async () => {
    await using keyspace = await leaseKeyspace();
    await using source = redisSource(optionsFor(keyspace, { database: 65_535 }));
    const report = await source.testConnection();
    expect(report).toMatchObject({ ok: false, failedStage: 'container', failureCode: 'not-found' });
  });

  test('over TLS a certificate is checked, against the given authority', async () => {
    await using keyspace = await leaseKeyspace();
    await using door = await openTlsDoor(keyspace.endpoint, testCertificate);
    const endpoint = { host: door.host, port: door.port, useTls: true };
    await using wary = redisSource(optionsFor(keyspace, { endpoint }));
    expect(await wary.testConnection()).toMatchObject({
      ok: false,
      failedStage: 'tls',
      failureCode: 'tls-failed',
    });
    const certificateAuthority = testCertificate.cert;
    await using trusting = redisSource(optionsFor(keyspace, { endpoint, certificateAuthority }));
    const report = await trusting.testConnection();
    expect(report.ok).toBe(true);
    expect(report.stages.find(({ stage }) => stage === 'tls')?.outcome).toBe('passed');
  });

  test('a closed port is tried as often as the options say, and then rejected', async () => {
    const { clock, waitsMs } = notingClock();
    const retry = { maxAttempts: 4, initialDelayMs: 2, maxDelayMs: 4 };
    await using link = await toxicLink({ host: '127.0.0.1', port: 9 });
    await link.down();
    const { endpoint } = link;
    await using source = redisSource({ endpoint, retry }, { clock, random: () => 0.5 });
    await expect(source.testConnection()).rejects.toMatchObject({
      code: 'connection-refused',
      kind: 'transient',
      effect: 'none',
      serverCode: 'ECONNREFUSED',
    });
    expect(waitsMs).toEqual([1, 2, 2]);
  });

  tagged('fault')(
    'a server that does not answer is given up at the deadline, and its connection closed',
    async () => {
      await using keyspace = await leaseKeyspace();
      await using link = await toxicLink(keyspace.endpoint);
      stall(link);
      const { clock, waitsMs } = notingClock();
      const options = optionsFor(link, {
        commandTimeoutMs: 40,
        retry: { maxAttempts: 2, initialDelayMs: 1 },
      });
      await using source = redisSource(options, { clock, random: () => 0.5 });
      await expect(source.testConnection()).rejects.toMatchObject({ code: 'timeout', kind: 'transient' });
      expect(waitsMs).toEqual([40, 0.5, 40]);
      await left(link);
    },
  );

  test('an abort while nothing answers ends the test with its reason and closes the connection', async () => {
    await using keyspace = await leaseKeyspace();
    await using link = await toxicLink(keyspace.endpoint);
    stall(link);
    const abort = new AbortController();
    await using source = redisSource(optionsFor(link));
    const ended = expect(source.testConnection(abort.signal)).rejects.toBe('enough');
    await asked(link);
    abort.abort('enough');
    await ended;
    await left(link);
  });

  test('leaves no timer behind that would keep the process alive, also where the connection failed', async () => {
    await using link = await toxicLink({ host: '127.0.0.1', port: 9 });
    await link.down();
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    const { endpoint } = link;
    await using source = redisSource({ endpoint, retry: { maxAttempts: 1 } });
    // Ten, since timers of the tests before may end meanwhile.
    for (let call = 1; call <= 10; call++) {
      await expect(source.testConnection()).rejects.toMatchObject({ code: 'connection-refused' });
    }
    expect(timers()).toBeLessThanOrEqual(before);
  });

  test('leaves no connection behind', async () => {
    await using keyspace = await leaseKeyspace();
    await using link = await toxicLink(keyspace.endpoint);
    await using source = redisSource(optionsFor(link));
    await source.testConnection();
    await link.until(() => link.connections.length === 0);
  });
});

async function firstBatch(batches: AsyncIterable<string[]>): Promise<string[]> {
  for await (const batch of batches) return batch;
  return [];
}
