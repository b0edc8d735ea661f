import {
  describeIntegration,
  leaseKeyspace,
  type LeasedKeyspace,
  tagged,
  toxicLink,
} from '@sqlflow/test-harness';
import { redisSource, type RedisSourceOptions } from '../../src/index.js';
import { asked, left, stall } from './stalled-link.js';

function optionsFor(
  { endpoint }: Pick<LeasedKeyspace, 'endpoint'>,
  changes: Partial<RedisSourceOptions> = {},
): RedisSourceOptions {
  const { host, port, ...credentials } = endpoint;
  return { endpoint: { host, port }, ...credentials, ...changes };
}

async function set({ client }: LeasedKeyspace, keys: readonly string[]): Promise<void> {
  for (let from = 0; from < keys.length; from += 5_000) {
    await client.mset(keys.slice(from, from + 5_000).flatMap((key) => [key, 'x']));
  }
}

/** Each once and in order: SCAN gives a key again where the table is rebuilt, which keys of other tests do too. */
const unique = (keys: readonly string[]): string[] => [...new Set(keys)].sort();

async function collect(batches: AsyncIterable<string[]>): Promise<string[]> {
  const keys: string[] = [];
  for await (const batch of batches) {
    expect(batch).not.toHaveLength(0);
    keys.push(...batch);
  }
  return unique(keys);
}

describeIntegration('redis', 'scanKeys of redisSource', () => {
  tagged('smoke')('where there is no key there is no batch', async () => {
    await using keyspace = await leaseKeyspace();
    await using source = redisSource(optionsFor(keyspace));
    expect(await collect(source.scanKeys({ match: `${keyspace.prefix}*` }))).toEqual([]);
  });

  describe('of 20,000 keys', () => {
    let keyspace: LeasedKeyspace;
    let keys: readonly string[];
    let match: string;

    beforeAll(async () => {
      keyspace = await leaseKeyspace();
      match = `${keyspace.prefix}stays:*`;
      keys = Array.from({ length: 20_000 }, (_, index) => `${keyspace.prefix}stays:${String(index)}`).sort();
      await set(keyspace, keys);
    });

    afterAll(async () => {
      await keyspace[Symbol.asyncDispose]();
    });

    test.each([100, 1000, 100_000])('finds every one with a count of %d', async (count) => {
      await using source = redisSource(optionsFor(keyspace));
      expect(await collect(source.scanKeys({ match, count }))).toEqual(keys);
    });

    test('finds every one that stays while others come and go in between', async () => {
      await using source = redisSource(optionsFor(keyspace));
      const passing = Array.from(
        { length: 30_000 },
        (_, index) => `${keyspace.prefix}passes:${String(index)}`,
      );
      const seen: string[] = [];
      let batches = 0;
      for await (const batch of source.scanKeys({ match, count: 500 })) {
        seen.push(...batch);
        batches += 1;
        // The table of keys grows beyond its size, is rebuilt under the scan, and shrinks again.
        if (batches === 5) await set(keyspace, passing);
        if (batches === 15) await keyspace.client.unlink(...passing);
      }
      expect(batches).toBeGreaterThan(15);
      expect(unique(seen)).toEqual(keys);
    });

    test('an abort between two batches ends the scan with its reason and closes its connection', async () => {
      await using link = await toxicLink(keyspace.endpoint);
      await using source = redisSource(optionsFor(link));
      const abort = new AbortController();
      let batches = 0;
      const scan = async (): Promise<void> => {
        for await (const batch of source.scanKeys({ match, signal: abort.signal })) {
          expect(link.connections).toHaveLength(1);
          batches += batch.length > 0 ? 1 : 0;
          if (batches === 3) abort.abort('enough');
        }
      };
      await expect(scan()).rejects.toBe('enough');
      expect(batches).toBe(3);
      await link.until(() => link.connections.length === 0);
    });

    test('an abort while a reply is awaited ends the scan at once and closes its connection', async () => {
      await using link = await toxicLink(keyspace.endpoint);
      await using source = redisSource(optionsFor(link));
      const abort = new AbortController();
      const scan = async (): Promise<void> => {
        for await (const batch of source.scanKeys({ match, signal: abort.signal })) {
          expect(batch).not.toHaveLength(0);
          stall(link);
        }
      };
      const ended = expect(scan()).rejects.toBe('enough');
      await asked(link);
      abort.abort('enough');
      await ended;
      await left(link);
    });

    tagged('fault')(
      'a connection that is lost in the middle fails the scan, since the cursor may mean nothing to the next',
      async () => {
        await using link = await toxicLink(keyspace.endpoint);
        await using source = redisSource(optionsFor(link, { retry: { initialDelayMs: 1 } }));
        let batches = 0;
        const scan = async (): Promise<void> => {
          for await (const batch of source.scanKeys({ match })) {
            batches += batch.length > 0 ? 1 : 0;
            if (batches === 3) link.connections[0]?.reset();
          }
        };
        await expect(scan()).rejects.toMatchObject({ code: 'connection-lost', kind: 'transient' });
        expect(batches).toBe(3);
        expect(await collect(source.scanKeys({ match }))).toEqual(keys);
      },
    );

    test('leaving the loop early closes the connection', async () => {
      await using link = await toxicLink(keyspace.endpoint);
      await using source = redisSource(optionsFor(link));
      for await (const batch of source.scanKeys({ match })) {
        expect(batch).not.toHaveLength(0);
        break;
      }
      await link.until(() => link.connections.length === 0);
    });

    test('disposal closes the connection of a scan that rests, ends it, and refuses any further call', async () => {
      await using link = await toxicLink(keyspace.endpoint);
      const source = redisSource(optionsFor(link));
      const scan = source.scanKeys({ match })[Symbol.asyncIterator]();
      expect(await scan.next()).toMatchObject({ done: false });
      expect(link.connections).toHaveLength(1);
      await source[Symbol.asyncDispose]();
      await link.until(() => link.connections.length === 0);
      await expect(scan.next()).rejects.toMatchObject({ code: 'closed', kind: 'terminal' });
      await expect(collect(source.scanKeys())).rejects.toMatchObject({ code: 'closed' });
      await expect(source.testConnection()).rejects.toMatchObject({ code: 'closed' });
      await source[Symbol.asyncDispose]();
    });
  });

  test('hostile keys are given as they are', async () => {
    await using keyspace = await leaseKeyspace();
    await using source = redisSource(optionsFor(keyspace));
    const keys = [
      '',
      ' ',
      '\n\r\n$-1\r\n',
      '\0',
      '*',
      '[a]',
      '\\',
      'ключ ✓ 𝄞',
      '\uFEFF',
      '1.10',
      '007',
      'x'.repeat(10_000),
    ]
      .map((key) => keyspace.prefix + key)
      .sort();
    await set(keyspace, keys);
    expect(await collect(source.scanKeys({ match: `${keyspace.prefix}*` }))).toEqual(keys);
    const literally = `${keyspace.prefix}\\[a]`;
    expect(await collect(source.scanKeys({ match: literally }))).toEqual([`${keyspace.prefix}[a]`]);
  });

  test('a key that is not UTF-8 is refused, and taken as latin1', async () => {
    await using keyspace = await leaseKeyspace();
    await using source = redisSource(optionsFor(keyspace));
    const match = `${keyspace.prefix}*`;
    const key = Buffer.concat([Buffer.from(keyspace.prefix), Buffer.from([0xff, 0x00, 0xc3])]);
    await keyspace.client.set(key, 'x');
    await expect(collect(source.scanKeys({ match }))).rejects.toMatchObject({
      code: 'invalid-data',
      kind: 'terminal',
    });
    const [found = ''] = await collect(source.scanKeys({ match, encoding: 'latin1' }));
    expect(Buffer.from(found, 'latin1')).toEqual(key);
  });

  tagged('smoke')('only keys of the type that is asked for', async () => {
    await using keyspace = await leaseKeyspace();
    await using source = redisSource(optionsFor(keyspace));
    const { client, prefix } = keyspace;
    await client.set(`${prefix}text`, 'x');
    await client.hset(`${prefix}hash`, 'field', 'x');
    expect(await collect(source.scanKeys({ match: `${prefix}*`, type: 'hash' }))).toEqual([`${prefix}hash`]);
  });

  test('only keys of the database that is asked for', async () => {
    await using keyspace = await leaseKeyspace();
    const match = `${keyspace.prefix}*`;
    await keyspace.client.set(`${keyspace.prefix}in 0`, 'x');
    await keyspace.client.select(1);
    await keyspace.client.set(`${keyspace.prefix}in 1`, 'x');
    await using source = redisSource(optionsFor(keyspace, { database: 1 }));
    expect(await collect(source.scanKeys({ match }))).toEqual([`${keyspace.prefix}in 1`]);
  });

  test('options that are wrong are refused before anything is opened', async () => {
    await using source = redisSource({ endpoint: { host: 'localhost' } });
    expect(() => source.scanKeys({ count: 0 })).toThrow('count is 0');
  });
});
