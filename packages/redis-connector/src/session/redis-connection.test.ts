import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { systemClock } from '@sqlflow/resilience';
import { resolveRedisSourceOptions } from '../options.js';
import { RedisConnection } from './redis-connection.js';

const count = (kind: string): number =>
  process.getActiveResourcesInfo().filter((name) => name === kind).length;

/** Sockets tell that they are closed at the end of a turn. */
async function twoTurns(): Promise<void> {
  await setImmediate();
  await setImmediate();
}

test('closing is at once, even if the server never closes its side', async () => {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const options = resolveRedisSourceOptions({ endpoint: { host: '127.0.0.1', port } });
  const connection = new RedisConnection(options, systemClock);
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  await connection.connect(undefined);
  const [peer] = await accepted;
  await twoTurns();
  expect(count('TCPSocketWrap')).toBe(2); // both ends are in this process
  const failed = expect(connection.command(['PING'], undefined)).rejects.toMatchObject({
    code: 'connection-lost',
  });
  connection[Symbol.dispose]();
  await twoTurns();
  expect(count('TCPSocketWrap')).toBe(1);
  await failed;
  expect(connection.isOpen).toBe(false);
  peer.destroy();
  server.close();
  await once(server, 'close');
});
