import { createHash } from 'node:crypto';
import {
  describeIntegration,
  leaseBucket,
  type LeasedBucket,
  tagged,
  toxicLink,
} from '@sqlflow/test-harness';
import { type ObjectInfo, s3Source, type S3SourceOptions } from '../../src/index.js';
import { asked, left, stall } from './stalled-link.js';

const hostileKeys = [
  '007',
  '1.10',
  '0x10',
  'true',
  'null',
  'with space',
  ' leading and trailing ',
  'plus+plus',
  '%41%2B',
  'a&b<c>"d\'e;',
  'line\nbreak',
  'tab\t',
  'control\u0001\u001f',
  'query?x=1&y=2#fragment',
  "~*()!'",
  'back\\slash',
  'deep/er/./.hidden//twice',
  'ключ/✓ 日本語 𝄞',
  'e\u0301 and \u00e9',
  '`rm -rf /`; DROP TABLE x',
  'x'.repeat(1000),
];

function optionsFor(
  { name, endpoint }: Pick<LeasedBucket, 'name' | 'endpoint'>,
  changes: Partial<S3SourceOptions> = {},
): S3SourceOptions {
  const { host, port, useTls, region, accessKey, secretKey } = endpoint;
  return { endpoint: { host, port, useTls }, region, bucket: name, accessKey, secretKey, ...changes };
}

/** Writes objects, their key their content, sixteen at a time. */
async function put({ client, name }: LeasedBucket, keys: readonly string[]): Promise<void> {
  const left = keys.values();
  const worker = async (): Promise<void> => {
    for (const key of left) await client.putObject(name, key, key);
  };
  await Promise.all(Array.from({ length: 16 }, worker));
}

async function collect(objects: AsyncIterable<ObjectInfo>): Promise<ObjectInfo[]> {
  const collected: ObjectInfo[] = [];
  for await (const object of objects) collected.push(object);
  return collected;
}

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

describeIntegration('object-store', 'listObjects of s3Source', () => {
  tagged('smoke')('an empty bucket has no objects', async () => {
    await using bucket = await leaseBucket();
    await using source = s3Source(optionsFor(bucket));
    expect(await collect(source.listObjects())).toEqual([]);
  });

  describe('of a bucket with 2,100 objects', () => {
    const keys = Array.from(
      { length: 2_100 },
      (_, index) => `part=${String(index % 7)}/${String(index)}.csv`,
    ).sort(byBytes);
    let bucket: LeasedBucket;

    beforeAll(async () => {
      bucket = await leaseBucket();
      await put(bucket, keys);
    }, 60_000);

    afterAll(async () => {
      await bucket[Symbol.asyncDispose]();
    }, 60_000);

    test('lists them all, once, in order, with what is known of each', async () => {
      await using source = s3Source(optionsFor(bucket));
      const objects = await collect(source.listObjects());
      expect(objects.map(({ key }) => key)).toEqual(keys);
      for (const { key, sizeBytes, etag, lastModified } of objects) {
        expect(sizeBytes).toBe(Buffer.byteLength(key));
        expect(etag).toBe(createHash('md5').update(key).digest('hex'));
        expect(lastModified).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
      }
    });

    test('lists those with a prefix, of a bucket that is named in the call', async () => {
      await using source = s3Source(optionsFor(bucket, { bucket: 'another-one' }));
      const objects = await collect(source.listObjects(bucket.name, { prefix: 'part=3/' }));
      expect(objects.map(({ key }) => key)).toEqual(keys.filter((key) => key.startsWith('part=3/')));
      expect(objects).toHaveLength(300);
    });

    test('an abort ends the listing with its reason, also within a page', async () => {
      await using source = s3Source(optionsFor(bucket));
      const abort = new AbortController();
      const seen: string[] = [];
      const listing = async (): Promise<void> => {
        for await (const { key } of source.listObjects(undefined, { signal: abort.signal })) {
          seen.push(key);
          if (seen.length === 1500) abort.abort('enough');
        }
      };
      await expect(listing()).rejects.toBe('enough');
      expect(seen).toHaveLength(1500);
    });

    test('an abort during a request ends it at once and closes its connection', async () => {
      await using link = await toxicLink(bucket.endpoint);
      await using source = s3Source(optionsFor({ name: bucket.name, endpoint: link.endpoint }));
      const abort = new AbortController();
      const seen: string[] = [];
      const listing = async (): Promise<void> => {
        for await (const { key } of source.listObjects(undefined, { signal: abort.signal })) {
          seen.push(key);
          if (seen.length === 1000) stall(link);
        }
      };
      const ended = expect(listing()).rejects.toBe('enough');
      await asked(link);
      expect(link.connections).toHaveLength(1);
      abort.abort('enough');
      await ended;
      await left(link);
      expect(seen).toHaveLength(1000);
    });

    test('leaving the loop early leaves a source that lists again', async () => {
      await using source = s3Source(optionsFor(bucket));
      for await (const { key } of source.listObjects()) {
        expect(key).toBe(keys[0]);
        break;
      }
      expect(await collect(source.listObjects())).toHaveLength(2_100);
    });

    test('one connection serves all pages, and disposal closes it', async () => {
      await using link = await toxicLink(bucket.endpoint);
      const source = s3Source(
        optionsFor({ name: bucket.name, endpoint: link.endpoint }, { keysPerPage: 500 }),
      );
      await collect(source.listObjects());
      expect(link.connections).toHaveLength(1);
      await source[Symbol.asyncDispose]();
      await link.until(() => link.connections.length === 0);
    });

    tagged('fault')(
      'a connection that is lost between two pages is made anew, and nothing is lost or repeated',
      async () => {
        await using link = await toxicLink(bucket.endpoint);
        await using source = s3Source(
          optionsFor({ name: bucket.name, endpoint: link.endpoint }, { retry: { initialDelayMs: 1 } }),
        );
        const seen: string[] = [];
        for await (const { key } of source.listObjects()) {
          if (seen.push(key) === 1000) link.connections[0]?.reset();
        }
        expect(seen).toEqual(keys);
      },
    );

    test('disposal ends a listing that is under way, and refuses any further call', async () => {
      const source = s3Source(optionsFor(bucket));
      const listing = async (): Promise<void> => {
        for await (const { key } of source.listObjects()) {
          if (key === keys[1200]) await source[Symbol.asyncDispose]();
        }
      };
      await expect(listing()).rejects.toMatchObject({ code: 'closed', kind: 'terminal' });
      await expect(collect(source.listObjects())).rejects.toMatchObject({ code: 'closed' });
      await expect(source.testConnection()).rejects.toMatchObject({ code: 'closed' });
      await source[Symbol.asyncDispose]();
    });
  });

  test('hostile keys are listed as they are, wherever a page ends', async () => {
    await using bucket = await leaseBucket();
    await put(bucket, hostileKeys);
    for (const keysPerPage of [1, 2, 1000]) {
      await using source = s3Source(optionsFor(bucket, { keysPerPage }));
      const objects = await collect(source.listObjects());
      expect(objects.map(({ key }) => key)).toEqual([...hostileKeys].sort(byBytes));
      for (const prefix of hostileKeys) {
        const [found] = await collect(source.listObjects(undefined, { prefix }));
        expect(found?.key).toBe(prefix);
      }
    }
  });

  test('a missing bucket is not found, and a wrong secret is no permission', async () => {
    await using bucket = await leaseBucket();
    await using source = s3Source(optionsFor(bucket, { secretKey: 'wrong' }));
    await expect(collect(source.listObjects())).rejects.toMatchObject({
      code: 'authentication-failed',
      serverCode: 'SignatureDoesNotMatch',
    });
    await using other = s3Source(optionsFor(bucket));
    await expect(collect(other.listObjects(`${bucket.name}-not`))).rejects.toMatchObject({
      code: 'not-found',
      serverCode: 'NoSuchBucket',
    });
  });

  test('a bucket name that would change the request is refused before anything is sent', async () => {
    await using bucket = await leaseBucket();
    await using source = s3Source(optionsFor(bucket));
    expect(() => source.listObjects(`${bucket.name}?policy`)).toThrow('bucket is');
  });
});
