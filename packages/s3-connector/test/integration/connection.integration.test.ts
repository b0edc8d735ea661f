import { inspect } from 'node:util';
import {
  describeIntegration,
  leaseBucket,
  type LeasedBucket,
  tagged,
  toxicLink,
} from '@sqlflow/test-harness';
import { s3Source, type S3SourceOptions } from '../../src/index.js';
import { testCertificate } from './certificate.js';
import { notingClock } from './noting-clock.js';
import { left, stall } from './stalled-link.js';
import { openTlsDoor } from './tls-door.js';

function optionsFor(
  { name, endpoint }: Pick<LeasedBucket, 'name' | 'endpoint'>,
  changes: Partial<S3SourceOptions> = {},
): S3SourceOptions {
  const { host, port, useTls, region, accessKey, secretKey } = endpoint;
  return { endpoint: { host, port, useTls }, region, bucket: name, accessKey, secretKey, ...changes };
}

describeIntegration('object-store', 'testConnection of s3Source', () => {
  tagged('smoke')('passes every stage that applies, on an empty bucket', async () => {
    await using bucket = await leaseBucket();
    await using source = s3Source(optionsFor(bucket));
    const report = await source.testConnection();
    expect(report.ok).toBe(true);
    expect(report.stages.map(({ stage, outcome }) => `${stage} ${outcome}`)).toEqual([
      'options passed',
      'dns passed',
      'tcp passed',
      bucket.endpoint.useTls ? 'tls passed' : 'tls skipped',
      'authentication passed',
      'container passed',
      'privilege passed',
    ]);
    expect(report.elapsedMs).toBeGreaterThan(0);
  });

  test('a wrong secret fails the stage of authentication, without a retry and without being shown', async () => {
    await using bucket = await leaseBucket();
    const { clock, waitsMs } = notingClock();
    await using source = s3Source(optionsFor(bucket, { secretKey: 'not-the-secret' }), { clock });
    const report = await source.testConnection();
    expect(report).toMatchObject({
      ok: false,
      failedStage: 'authentication',
      failureCode: 'authentication-failed',
    });
    expect(report.stages.map(({ outcome }) => outcome).slice(-3)).toEqual(['failed', 'skipped', 'skipped']);
    expect(waitsMs).toEqual([]);
    expect(inspect([source, report], { depth: 9, showHidden: true }) + JSON.stringify(report)).not.toContain(
      'not-the-secret',
    );
  });

  test('an unknown access key fails the stage of authentication', async () => {
    await using bucket = await leaseBucket();
    await using source = s3Source(optionsFor(bucket, { accessKey: 'nobody' }));
    expect(await source.testConnection()).toMatchObject({ ok: false, failedStage: 'authentication' });
  });

  test('a missing bucket fails the stage of the container', async () => {
    await using bucket = await leaseBucket();
    await using source = s3Source(optionsFor(bucket, { bucket: `${bucket.name}-not` }));
    const report = await source.testConnection();
    expect(report).toMatchObject({ ok: false, failedStage: 'container', failureCode: 'not-found' });
    expect(report.stages.find(({ stage }) => stage === 'container')?.message).toContain(`${bucket.name}-not`);
  });

  test('a server that speaks no TLS fails the stage of TLS', async () => {
    await using bucket = await leaseBucket();
    const { host, port, useTls } = bucket.endpoint;
    if (useTls) return; // this store could not show it
    await using source = s3Source(optionsFor(bucket, { endpoint: { host, port, useTls: true } }));
    expect(await source.testConnection()).toMatchObject({
      ok: false,
      failedStage: 'tls',
      failureCode: 'tls-failed',
    });
  });

  test('over TLS a certificate is checked, against the given authority', async () => {
    await using bucket = await leaseBucket();
    if (bucket.endpoint.useTls) return; // the link below speaks plainly to the store
    await using door = await openTlsDoor(bucket.endpoint, testCertificate);
    const endpoint = { host: door.host, port: door.port };
    await using wary = s3Source(optionsFor(bucket, { endpoint }));
    expect(await wary.testConnection()).toMatchObject({
      ok: false,
      failedStage: 'tls',
      failureCode: 'tls-failed',
    });
    const certificateAuthority = testCertificate.cert;
    await using trusting = s3Source(optionsFor(bucket, { endpoint, certificateAuthority }));
    const report = await trusting.testConnection();
    expect(report.ok).toBe(true);
    expect(report.stages.find(({ stage }) => stage === 'tls')?.outcome).toBe('passed');
  });

  test('a closed port is tried as often as the options say, and then rejected', async () => {
    await using bucket = await leaseBucket();
    const { clock, waitsMs } = notingClock();
    await using link = await toxicLink({ host: '127.0.0.1', port: 9 });
    await link.down();
    const endpoint = { ...link.endpoint, useTls: false };
    const retry = { maxAttempts: 4, initialDelayMs: 2, maxDelayMs: 4 };
    await using source = s3Source(optionsFor(bucket, { endpoint, retry }), { clock, random: () => 0.5 });
    await expect(source.testConnection()).rejects.toMatchObject({
      code: 'connection-refused',
      kind: 'transient',
      effect: 'none',
      serverCode: 'ECONNREFUSED',
    });
    expect(waitsMs).toEqual([1, 2, 2]);
  });

  test('an abort ends the wait between two attempts', async () => {
    await using bucket = await leaseBucket();
    await using link = await toxicLink({ host: '127.0.0.1', port: 9 });
    await link.down();
    const endpoint = { ...link.endpoint, useTls: false };
    const abort = new AbortController();
    const { clock } = notingClock();
    const abortingClock = {
      ...clock,
      sleep: (ms: number, signal?: AbortSignal) => {
        if (ms === 60_000) setImmediate(() => abort.abort('enough'));
        return clock.sleep(ms, signal);
      },
    };
    const retry = { maxAttempts: 2, initialDelayMs: 60_000, maxDelayMs: 60_000 };
    const options = optionsFor(bucket, { endpoint, retry });
    await using source = s3Source(options, { clock: abortingClock, random: () => 1 });
    await expect(source.testConnection(abort.signal)).rejects.toBe('enough');
  });

  tagged('fault')(
    'a store that does not answer is given up at the deadline, as often as the options say',
    async () => {
      await using bucket = await leaseBucket();
      await using link = await toxicLink(bucket.endpoint);
      stall(link);
      const { clock, waitsMs } = notingClock();
      const options = optionsFor(
        { name: bucket.name, endpoint: link.endpoint },
        {
          requestTimeoutMs: 40,
          retry: { maxAttempts: 2, initialDelayMs: 1 },
        },
      );
      await using source = s3Source(options, { clock, random: () => 0.5 });
      await expect(source.testConnection()).rejects.toMatchObject({ code: 'timeout', kind: 'transient' });
      expect(waitsMs).toEqual([40, 0.5, 40]);
      await left(link);
    },
  );

  test('two tests at once, one of them aborted, do not disturb each other', async () => {
    await using bucket = await leaseBucket();
    await using source = s3Source(optionsFor(bucket));
    const abort = new AbortController();
    const [aborted, other] = [source.testConnection(abort.signal), source.testConnection()];
    abort.abort('enough');
    await expect(aborted).rejects.toBe('enough');
    await expect(other).resolves.toMatchObject({ ok: true });
  });
});
