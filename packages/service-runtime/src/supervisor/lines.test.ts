import { Socket } from 'node:net';
import fc from 'fast-check';
import { lines } from './lines.js';

/** A socket on which these chunks arrive, and then its end. */
function arriving(chunks: readonly Uint8Array[]): Socket {
  const socket = new Socket();
  for (const chunk of chunks) socket.push(chunk);
  socket.push(null);
  return socket;
}

async function all(socket: Socket): Promise<string[]> {
  const found: string[] = [];
  for await (const line of lines(socket)) found.push(line);
  return found;
}

describe('the lines of a socket', () => {
  const text = Buffer.from('{"a":"ä€😀"}\n\nb\nunfinished');
  const expected = ['{"a":"ä€😀"}', '', 'b'];

  test('are the same wherever the bytes are cut', async () => {
    for (let at = 0; at <= text.length; at++) {
      expect(await all(arriving([text.subarray(0, at), text.subarray(at)]))).toEqual(expected);
    }
  });

  test('are the same in whatever pieces they arrive', async () => {
    const line = fc.string({ unit: 'binary' }).filter((found) => !found.includes('\n'));
    await fc.assert(
      fc.asyncProperty(fc.array(line), fc.array(fc.nat({ max: 40 })), async (given, cuts) => {
        const bytes = Buffer.from(given.map((one) => `${one}\n`).join(''));
        const places = [...new Set([0, ...cuts, bytes.length])]
          .filter((at) => at <= bytes.length)
          .sort((a, b) => a - b);
        const chunks = places.map((at, index) => bytes.subarray(at, places[index + 1] ?? bytes.length));
        expect(await all(arriving(chunks.filter((chunk) => chunk.length > 0)))).toEqual(given);
      }),
    );
  });

  test('leave the socket open when the reader has enough', async () => {
    const socket = new Socket();
    socket.push('one\ntwo\n');
    for await (const line of lines(socket)) {
      expect(line).toBe('one');
      break;
    }
    expect(socket.destroyed).toBe(false);
    socket.destroy();
  });

  test('are refused when one does not end', async () => {
    const chunks = Array.from({ length: 20 }, () => Buffer.alloc(64 * 1024, 'x'));
    await expect(all(arriving(chunks))).rejects.toThrow(RangeError);
  });

  test('end with the error of a connection that breaks', async () => {
    const socket = new Socket();
    socket.on('error', () => undefined);
    const reading = all(socket);
    socket.destroy(new Error('ECONNRESET'));
    await expect(reading).rejects.toThrow('ECONNRESET');
  });
});
