import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { redisSource, type RedisSourceOptions } from './index.js';

/** A server that gives the next of `replies` to each command, whatever it is, and notes the names of the commands. */
async function scripted(...replies: string[]) {
  const sockets = new Set<Socket>();
  const asked: string[] = [];
  const listener = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      asked.push(
        bytes
          .toString()
          .split('\r\n')
          .filter((line) => /^[A-Z]/.test(line))[0] ?? '',
      );
      const reply = replies.shift();
      if (reply === undefined) socket.destroy();
      else socket.write(reply);
    });
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  const options: RedisSourceOptions = { endpoint: { host: '127.0.0.1', port }, retry: { initialDelayMs: 1 } };
  return {
    options,
    asked,
    get connections() {
      return sockets.size;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      listener.close();
      await once(listener, 'close');
    },
  };
}

const step = (cursor: string, ...keys: string[]): string =>
  [
    '*2',
    `$${String(cursor.length)}`,
    cursor,
    `*${String(keys.length)}`,
    ...keys.map((key) => `$${String(key.length)}\r\n${key}`),
    '',
  ].join('\r\n');

async function collect(batches: AsyncIterable<string[]>): Promise<string[][]> {
  const collected: string[][] = [];
  for await (const batch of batches) collected.push(batch);
  return collected;
}

describe('redisSource, with a server that follows a script', () => {
  test('a step without keys is passed over, and the scan goes on', async () => {
    await using server = await scripted(step('7'), step('5', 'a'), step('3'), step('0', 'b', 'c'));
    await using source = redisSource(server.options);
    expect(await collect(source.scanKeys())).toEqual([['a'], ['b', 'c']]);
  });

  test('a server that is loading is asked again, over a new connection', async () => {
    await using server = await scripted('-LOADING Redis is loading\r\n', step('0', 'a'));
    await using source = redisSource(server.options);
    expect(await collect(source.scanKeys())).toEqual([['a']]);
    expect(server.connections).toBe(2);
  });

  test('a server that is busy in the middle of a scan is asked again over the same connection', async () => {
    await using server = await scripted(step('7', 'a'), '-BUSY Redis is busy\r\n', step('0', 'b'));
    await using source = redisSource(server.options);
    expect(await collect(source.scanKeys())).toEqual([['a'], ['b']]);
    expect(server.connections).toBe(1);
    expect(server.asked).toEqual(['SCAN', 'SCAN', 'SCAN']);
  });

  test('a server that stays busy fails the scan when the attempts are used up', async () => {
    const busy = '-BUSY Redis is busy\r\n';
    await using server = await scripted(step('7', 'a'), busy, busy, busy, step('0', 'b'));
    await using source = redisSource(server.options);
    await expect(collect(source.scanKeys())).rejects.toMatchObject({
      code: 'unavailable',
      serverCode: 'BUSY',
    });
  });

  test('a connection that is lost before the first batch is made anew, one lost later is not', async () => {
    await using early = await scripted();
    await using source = redisSource(early.options);
    await expect(collect(source.scanKeys())).rejects.toMatchObject({
      code: 'connection-lost',
      kind: 'transient',
    });
    expect(early.connections).toBe(3);
    await using late = await scripted(step('7', 'a'));
    await using other = redisSource(late.options);
    await expect(collect(other.scanKeys())).rejects.toMatchObject({ code: 'connection-lost' });
    expect(late.connections).toBe(1);
  });

  test('a server that wants a password and got none fails the stage of authentication', async () => {
    await using server = await scripted('-NOAUTH Authentication required.\r\n');
    await using source = redisSource(server.options);
    expect(await source.testConnection()).toMatchObject({ ok: false, failedStage: 'authentication' });
  });

  test('credentials that may not scan fail the stage of the privilege', async () => {
    await using server = await scripted('+OK\r\n', '-NOPERM no permissions\r\n');
    await using source = redisSource({ ...server.options, password: 'hunter2' });
    expect(await source.testConnection()).toMatchObject({ ok: false, failedStage: 'privilege' });
    expect(server.asked).toEqual(['AUTH', 'SCAN']);
  });

  test('credentials that may scan but not ask for the version pass, without it', async () => {
    await using server = await scripted(step('0'), '-NOPERM no permissions\r\n');
    await using source = redisSource(server.options);
    const report = await source.testConnection();
    expect(report.ok).toBe(true);
    expect(report.server).toBeUndefined();
  });

  test('a server of another kind violates the protocol, and is not asked twice', async () => {
    await using server = await scripted('HTTP/1.1 400 Bad Request\r\n\r\n');
    await using source = redisSource(server.options);
    expect(await source.testConnection()).toMatchObject({ ok: false, failureCode: 'protocol-violation' });
    expect(server.connections).toBe(1);
  });
});
