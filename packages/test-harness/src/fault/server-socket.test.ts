import type { Socket } from 'node:net';
import { startServer } from '../../test/sockets.js';
import type { Lane } from './lane.js';
import { connectToServer } from './server-socket.js';

/** What a lane was given as it is after the next bytes have come: kept, not copied. */
async function keptBytes(isPassing: boolean, writableLength: number): Promise<string[]> {
  await using server = await startServer();
  const kept: Uint8Array[] = [];
  let given: () => void;
  const receive = (bytes: Uint8Array) => {
    kept.push(bytes);
    given();
  };
  const lane = { isPassing, receive } as unknown as Lane;
  const sink = { writableLength } as Partial<Socket> as Socket;
  const socket = connectToServer(server, () => ({ lane, sink }));
  const serving = await server.next();
  for (const text of ['first', 'other']) {
    const next = new Promise<void>((resolve) => (given = resolve));
    serving.write(text);
    await next;
  }
  socket.destroy();
  return kept.map((bytes) => Buffer.from(bytes).toString());
}

test('a buffer that the sink has not emptied yet is not used again', async () => {
  expect(await keptBytes(true, 5)).toEqual(['first', 'other']);
});

test('bytes that the lane may keep are its own', async () => {
  expect(await keptBytes(false, 0)).toEqual(['first', 'other']);
});

test('a buffer whose bytes are on their way is used again', async () => {
  expect(await keptBytes(true, 0)).toEqual(['other', 'other']);
});
