import { buffer } from 'node:stream/consumers';
import { describeIntegration, leaseBucket, tagged } from '@sqlflow/test-harness';
import { ownerOf } from '../../src/lease/owner.js';
import { buckets } from './inventory.js';
import { withVariables } from './with-variables.js';

describeIntegration('object-store', 'a leased bucket', () => {
  tagged('smoke')('is empty, takes objects, and is its own', async () => {
    await using bucket = await leaseBucket();
    await using other = await leaseBucket();
    await bucket.client.putObject(bucket.name, 'a', 'one');
    expect(await buffer(await bucket.client.getObject(bucket.name, 'a'))).toEqual(Buffer.from('one'));
    await expect(other.client.statObject(other.name, 'a')).rejects.toMatchObject({ code: 'NotFound' });
  });

  test('is removed at the end of its scope with objects, versions, delete markers and unfinished uploads', async () => {
    let name: string;
    {
      await using bucket = await leaseBucket({ leaks: 'ignore' });
      ({ name } = bucket);
      const { client } = bucket;
      await client.setBucketVersioning(name, { Status: 'Enabled' });
      for (const text of ['one', 'two']) await client.putObject(name, 'versioned', text);
      await client.removeObject(name, 'versioned');
      await client.initiateNewMultipartUpload(name, 'unfinished', {});
      expect(await buckets()).toContain(name);
    }
    expect(await buckets()).not.toContain(name);
  });

  test.each([
    '007',
    '1e3',
    'true',
    'a&b<c>"d\'',
    'with blank +and plus',
    '%41',
    '/a//b/',
    'ü😀',
    'line\nbreak',
    'control\u0001',
    'carriage\rreturn',
  ])('is removed with an object called %j', async (key) => {
    const bucket = await leaseBucket();
    await bucket.client.putObject(bucket.name, key, 'x');
    await bucket[Symbol.asyncDispose]();
    expect(await buckets()).not.toContain(bucket.name);
  });

  test('is removed with more objects than fit on one page', async () => {
    const bucket = await leaseBucket();
    const keys = Array.from({ length: 1_100 }, (_, index) => `a&b/${String(index)}`);
    for (let from = 0; from < keys.length; from += 50) {
      await Promise.all(
        keys.slice(from, from + 50).map((key) => bucket.client.putObject(bucket.name, key, '')),
      );
    }
    await bucket[Symbol.asyncDispose]();
    expect(await buckets()).not.toContain(bucket.name);
  }, 60_000);

  test('is removed while an object is half read', async () => {
    const bucket = await leaseBucket();
    await bucket.client.putObject(bucket.name, 'big', Buffer.alloc(8 * 1_024 * 1_024));
    const stream = await bucket.client.getObject(bucket.name, 'big');
    stream.on('error', () => undefined);
    await bucket[Symbol.asyncDispose]();
    expect(await buckets()).not.toContain(bucket.name);
  });

  test('can be given back twice', async () => {
    const bucket = await leaseBucket();
    await Promise.all([bucket[Symbol.asyncDispose](), bucket[Symbol.asyncDispose]()]);
    await expect(bucket[Symbol.asyncDispose]()).resolves.toBeUndefined();
  });

  test('is not there after an abort', async () => {
    const before = await ownBuckets();
    const controller = new AbortController();
    const lease = leaseBucket({ signal: controller.signal });
    controller.abort('enough');
    await expect(lease).rejects.toBe('enough');
    expect(await ownBuckets()).toEqual(before);
  });

  test('cannot be had with a wrong key, and the message does not show it', async () => {
    await withVariables({ TEST_MINIO_SECRET_KEY: 'hunter2hunter2' }, async () => {
      const error: unknown = await leaseBucket().catch((failure: unknown) => failure);
      expect(error).toMatchObject({ code: 'authentication-failed' });
      expect(String(error)).not.toContain('hunter2');
    });
  });
});

/** Other processes lease at the same time. */
async function ownBuckets(): Promise<string[]> {
  return (await buckets()).filter((name) => ownerOf(name)?.pid === process.pid);
}
