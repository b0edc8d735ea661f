import { describeIntegration, leaseKeyspace, type LeasedKeyspace, toxicLink } from '@sqlflow/test-harness';
import { Redis } from 'ioredis';
import { openTlsDoor } from './tls-door.js';

/** Ends at the end of its scope. */
function connected(endpoint: LeasedKeyspace['endpoint'], options: { tls?: object; protocol?: 2 | 3 } = {}) {
  const client = new Redis({
    ...endpoint,
    ...options,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    // For the end of a connection that was lost, ioredis waits in vain for as long.
    disconnectTimeout: 100,
  });
  client.on('error', () => undefined);
  return {
    client,
    [Symbol.dispose]() {
      client.disconnect();
    },
  };
}

describeIntegration('redis', 'triggers of Redis', { tags: ['fault'] }, () => {
  test.each([
    'LOADING Redis is loading the dataset in memory',
    "READONLY You can't write against a read only replica.",
    'MOVED 3999 127.0.0.1:6381',
  ])('answer the second SET of a pipeline with %s in its place', async (error) => {
    await using keyspace = await leaseKeyspace();
    await using link = await toxicLink(keyspace.endpoint);
    link.when({ protocol: 'redis', command: 'SET', nth: 2 }, { do: 'answer', error });
    using session = connected(link.endpoint);
    const key = (name: string) => keyspace.prefix + name;
    const replies = await session.client
      .pipeline()
      .set(key('a'), '1')
      .set(key('b'), 'x'.repeat(100_000))
      .set(key('c'), '3')
      .mget(key('a'), key('b'), key('c'))
      .exec();
    expect(replies).toEqual([
      [null, 'OK'],
      [expect.objectContaining({ message: error }), undefined],
      [null, 'OK'],
      [null, ['1', null, '3']],
    ]);
  });

  test('replace the reply to a command that the server has run', async () => {
    await using keyspace = await leaseKeyspace();
    await using link = await toxicLink(keyspace.endpoint);
    const key = `${keyspace.prefix}count`;
    link.when(
      { protocol: 'redis', from: 'server', command: 'INCR', key },
      { do: 'answer', error: 'LOADING Redis is loading the dataset in memory' },
    );
    using session = connected(link.endpoint);
    await expect(session.client.incr(key)).rejects.toThrow('LOADING');
    expect(await session.client.incr(key)).toBe(2);
  });

  test('fail a transaction with the command that they refuse', async () => {
    await using keyspace = await leaseKeyspace();
    await using link = await toxicLink(keyspace.endpoint);
    link.when({ protocol: 'redis', command: 'SET', nth: 2 }, { do: 'answer', error: 'READONLY no' });
    using session = connected(link.endpoint);
    const [a, b] = [`${keyspace.prefix}a`, `${keyspace.prefix}b`];
    await expect(session.client.multi().set(a, '1').set(b, '2').exec()).rejects.toThrow('EXECABORT');
    expect(await session.client.exists(a, b)).toBe(0);
  });

  test.each([2, 3] as const)('stall a reply one byte before its end, in RESP%i', async (protocol) => {
    await using keyspace = await leaseKeyspace();
    await keyspace.client.rpush(`${keyspace.prefix}list`, 'one', 'two');
    await using link = await toxicLink(keyspace.endpoint);
    const stalled = link.when(
      { protocol: 'redis', from: 'server', command: 'LRANGE' },
      { do: 'stall', beforeEnd: 1 },
    );
    using session = connected(link.endpoint, { protocol });
    let isAnswered = false;
    void session.client.lrange(`${keyspace.prefix}list`, 0, -1).then(
      () => (isAnswered = true),
      () => undefined,
    );
    const { atByte } = await stalled.firing();
    const [{ downstream } = { downstream: undefined }] = link.connections;
    await link.until(() => downstream?.receivedBytes === atByte + 1);
    expect(downstream?.passedBytes).toBe(atByte);
    expect(isAnswered).toBe(false);
  });

  test('count replies while a subscription in RESP3 pushes its messages between them', async () => {
    await using keyspace = await leaseKeyspace();
    await using link = await toxicLink(keyspace.endpoint);
    const channel = `${keyspace.prefix}news`;
    link.when(
      { protocol: 'redis', from: 'server', command: 'PING', nth: 3 },
      { do: 'answer', error: 'LOADING' },
    );
    using session = connected(link.endpoint, { protocol: 3 });
    const { client } = session;
    await client.subscribe(channel, `${channel}2`);
    const replies: unknown[] = [];
    for (let nth = 1; nth <= 3; nth++) {
      await keyspace.client.publish(channel, `number ${nth}`);
      replies.push(await client.ping().catch((error: unknown) => error));
    }
    expect(replies).toEqual(['PONG', 'PONG', expect.objectContaining({ message: 'LOADING' })]);
  });

  test('say that they cannot see a subscriber in RESP2, which goes on', async () => {
    await using keyspace = await leaseKeyspace();
    const link = await toxicLink(keyspace.endpoint);
    link.when({ protocol: 'redis', command: 'GET' }, { do: 'reset', at: 'before' });
    using session = connected(link.endpoint, { protocol: 2 });
    const channel = `${keyspace.prefix}news`;
    const heard = new Promise((resolve) => session.client.on('message', (_, text) => resolve(text)));
    await session.client.subscribe(channel);
    await keyspace.client.publish(channel, 'hello');
    expect(await heard).toBe('hello');
    await expect(link[Symbol.asyncDispose]()).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('it subscribes in RESP2'),
    });
  });

  test('say that they cannot see what is encrypted, and toxics work on it', async () => {
    await using keyspace = await leaseKeyspace();
    await using door = await openTlsDoor(keyspace.endpoint);
    const link = await toxicLink(door.endpoint);
    const trigger = link.when({ protocol: 'redis', command: 'GET' }, { do: 'reset', at: 'before' });
    using session = connected(link.endpoint, { tls: { rejectUnauthorized: false } });
    expect(await session.client.get(`${keyspace.prefix}a`)).toBeNull();
    await expect(trigger.firing()).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('cannot be read: the client begins with TLS'),
    });
    link.add({ type: 'reset_peer', direction: 'downstream', afterBytes: 10 });
    await expect(session.client.get(`${keyspace.prefix}a`)).rejects.toThrow();
    await expect(link[Symbol.asyncDispose]()).rejects.toMatchObject({ code: 'unsupported' });
  });
});
