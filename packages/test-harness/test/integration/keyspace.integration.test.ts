import { describeIntegration, leaseKeyspace, tagged } from '@sqlflow/test-harness';
import { Redis } from 'ioredis';
import { ownerOf } from '../../src/lease/owner.js';
import { LeasingProcess } from './child-process.js';
import { redisAdmin, redisKeys, redisUsers } from './inventory.js';
import { withVariables } from './with-variables.js';

describeIntegration('redis', 'a leased key space', () => {
  tagged('smoke')(
    'takes keys with its prefix, by its client and by any other with its endpoint',
    async () => {
      await using keyspace = await leaseKeyspace();
      const key = `${keyspace.prefix}a`;
      await keyspace.client.set(key, 'one');
      const other = new Redis({ ...keyspace.endpoint });
      expect(await other.get(key)).toBe('one');
      expect(await other.scan(0, 'MATCH', `${keyspace.prefix}*`)).toHaveLength(2);
      expect(await other.eval('return redis.call("GET", KEYS[1])', 1, key)).toBe('one');
      expect(await other.info('server')).toContain('redis_version');
      other.disconnect();
    },
  );

  test('can neither read nor write the keys of another', async () => {
    await using keyspace = await leaseKeyspace({ leaks: 'ignore' });
    await using other = await leaseKeyspace();
    await other.client.set(`${other.prefix}a`, 'one');
    for (const refused of [
      keyspace.client.get(`${other.prefix}a`),
      keyspace.client.set(`${other.prefix}a`, 'two'),
      keyspace.client.set('a', 'two'),
      keyspace.client.eval('return redis.call("GET", KEYS[1])', 1, `${other.prefix}a`),
      keyspace.client.publish('channel', 'two'),
    ]) {
      await expect(refused).rejects.toThrow(/^NOPERM/);
    }
    expect(await other.client.get(`${other.prefix}a`)).toBe('one');
  });

  test.each([
    ['FLUSHALL'],
    ['FLUSHDB'],
    ['SWAPDB', '0', '1'],
    ['CONFIG', 'GET', '*'],
    ['ACL', 'LIST'],
    ['SHUTDOWN', 'NOSAVE'],
    ['SCRIPT', 'FLUSH'],
    ['FUNCTION', 'FLUSH'],
    ['CLIENT', 'KILL', 'TYPE', 'normal'],
    ['KEYS', '*'],
  ])('cannot run what acts on the whole server: %s', async (...command: string[]) => {
    await using keyspace = await leaseKeyspace();
    const [name = '', ...parameters] = command;
    await expect(keyspace.client.call(name, ...parameters)).rejects.toThrow(/^NOPERM/);
  });

  test('is removed at the end of its scope, in every database, and nothing else is', async () => {
    await using neighbour = await leaseKeyspace();
    await neighbour.client.set(`${neighbour.prefix}a`, 'stays');
    let prefix: string;
    let stranger: Redis;
    {
      await using keyspace = await leaseKeyspace({ leaks: 'ignore' });
      ({ prefix } = keyspace);
      const many = Object.fromEntries(
        Array.from({ length: 3_000 }, (_, index) => [`${prefix}${String(index)}`, '']),
      );
      await keyspace.client.mset(many);
      await keyspace.client.select(3);
      await keyspace.client.lpush(`${prefix}list`, 'x');
      stranger = new Redis({ ...keyspace.endpoint, retryStrategy: () => null });
      stranger.on('error', () => undefined);
      await stranger.ping();
      expect(await redisKeys(prefix)).toHaveLength(3_001);
    }
    expect(await redisKeys(prefix)).toEqual([]);
    expect(await redisUsers()).not.toContain(prefix.slice(0, -1));
    await expect(stranger.set(`${prefix}late`, 'x')).rejects.toThrow();
    expect(await neighbour.client.get(`${neighbour.prefix}a`)).toBe('stays');
  });

  test('is removed with keys that are no text', async () => {
    const keyspace = await leaseKeyspace();
    const key = Buffer.concat([Buffer.from(keyspace.prefix), Buffer.from([0xff, 0x00, 0xfe])]);
    await keyspace.client.set(key, 'one');
    await keyspace[Symbol.asyncDispose]();
    expect(await redisKeys(keyspace.prefix)).toEqual([]);
  });

  test('can be given back twice', async () => {
    const keyspace = await leaseKeyspace();
    await Promise.all([keyspace[Symbol.asyncDispose](), keyspace[Symbol.asyncDispose]()]);
    await expect(keyspace[Symbol.asyncDispose]()).resolves.toBeUndefined();
  });

  test('is not there after an abort', async () => {
    const before = await ownUsers();
    const controller = new AbortController();
    const lease = leaseKeyspace({ signal: controller.signal });
    controller.abort('enough');
    await expect(lease).rejects.toBe('enough');
    expect(await ownUsers()).toEqual(before);
  });

  test('cannot be had by an account that may not create users', async () => {
    const admin = redisAdmin();
    const name = `no-admin-${String(process.pid)}`;
    await admin.call('ACL', 'SETUSER', name, 'on', '>right', '~*', '+@all', '-@admin');
    try {
      await expectWith({ user: name, password: 'right' }, 'permission-denied');
      await expectWith({ user: name, password: 'hunter2' }, 'authentication-failed');
    } finally {
      await admin.call('ACL', 'DELUSER', name);
      admin.disconnect();
    }
  });

  test('says where nobody answers', async () => {
    await withVariables({ TEST_REDIS_PORT: '1' }, async () => {
      await expect(leaseKeyspace()).rejects.toThrow(
        /^\[service-unavailable\] connecting failed on redis at \S+:1: /,
      );
    });
  });
});

describeIntegration('redis', 'a leased logical database', () => {
  tagged('smoke')('takes any key, and is nobody else’s', async () => {
    await using keyspace = await leaseKeyspace({ kind: 'database' });
    await using other = await leaseKeyspace({ kind: 'database' });
    expect(keyspace.prefix).toBe('');
    expect(new Set([0, keyspace.database, other.database]).size).toBe(3);
    await keyspace.client.set('a', 'one');
    expect(await other.client.get('a')).toBeNull();
    const client = new Redis({ ...keyspace.endpoint, db: keyspace.database });
    expect(await client.get('a')).toBe('one');
    client.disconnect();
  });

  test('can neither be left for another nor flush the server', async () => {
    await using keyspace = await leaseKeyspace({ kind: 'database' });
    await using other = await leaseKeyspace({ kind: 'database' });
    const elsewhere = String(other.database);
    for (const command of [
      ['SELECT', elsewhere],
      ['MOVE', 'a', elsewhere],
      ['COPY', 'a', 'b', 'DB', elsewhere],
      ['SWAPDB', '0', elsewhere],
      ['FLUSHALL'],
      ['FLUSHDB'],
    ]) {
      const [name = '', ...parameters] = command;
      await expect(keyspace.client.call(name, ...parameters)).rejects.toThrow(/^NOPERM/);
    }
  });

  test('is emptied at the end of its scope, and can be had again', async () => {
    const numbers = new Set<number>();
    await withVariables({ TEST_REDIS_DATABASES: '61' }, async () => {
      for (let lease = 0; lease < 2; lease += 1) {
        await using keyspace = await leaseKeyspace({ kind: 'database' });
        numbers.add(keyspace.database);
        expect(await keyspace.client.dbsize()).toBe(0);
        await keyspace.client.set('a', 'one');
      }
    });
    expect([...numbers]).toEqual([61]);
  });

  test('waits for one that is in use, and never takes one that somebody else has keys in', async () => {
    const admin = redisAdmin();
    await admin.select(62);
    await admin.set('of a stranger', 'x');
    try {
      await withVariables({ TEST_REDIS_DATABASES: '62-63' }, async () => {
        const first = await leaseKeyspace({ kind: 'database' });
        expect(first.database).toBe(63);
        const second = leaseKeyspace({ kind: 'database' });
        await first[Symbol.asyncDispose]();
        await using keyspace = await second;
        expect(keyspace.database).toBe(63);
      });
      expect(await admin.get('of a stranger')).toBe('x');
    } finally {
      await admin.del('of a stranger');
      admin.disconnect();
    }
  });

  test('is emptied and free again after its process was killed', async () => {
    await withVariables({ TEST_REDIS_DATABASES: '60' }, async () => {
      const killed = new LeasingProcess('hold-logical-database.ts');
      expect(await killed.next()).toBe(60);
      await killed.kill();
      await using next = new LeasingProcess('hold-logical-database.ts');
      expect(await next.next()).toBe(60);
      expect(await next.finish()).toBe(0);
    });
  }, 60_000);

  test('is not to be had where nobody has said which are for tests', async () => {
    await withVariables({ TEST_REDIS_DATABASES: '' }, async () => {
      await expect(leaseKeyspace({ kind: 'database' })).rejects.toThrow(
        /^\[invalid-option\] kind is "database"; set TEST_REDIS_DATABASES to the logical databases/,
      );
    });
  });
});

async function expectWith(account: { user: string; password: string }, code: string): Promise<void> {
  const variables = { TEST_REDIS_USERNAME: account.user, TEST_REDIS_PASSWORD: account.password };
  await withVariables(variables, async () => {
    const error: unknown = await leaseKeyspace().catch((failure: unknown) => failure);
    expect(error).toMatchObject({ code });
    expect(String(error)).not.toContain(account.password);
  });
}

/** Other processes lease at the same time. */
async function ownUsers(): Promise<string[]> {
  return (await redisUsers()).filter((name) => ownerOf(name)?.pid === process.pid);
}
