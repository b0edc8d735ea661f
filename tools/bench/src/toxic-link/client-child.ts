// Connects to a port, uses the connection once, and says how long that took, in milliseconds.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { roundTrips, streamBytes, type Use } from './work.js';

const [use, port] = process.argv.slice(2) as [Use, string];
const began = performance.now();
const socket = connect({ port: Number(port), host: '127.0.0.1', noDelay: true });
await (use === 'echo' ? echo() : stream(use === 'hash'));
process.send?.(performance.now() - began);
socket.destroy();
process.disconnect();

async function stream(isHashed: boolean): Promise<void> {
  const hash = createHash('sha256');
  let bytes = 0;
  socket.on('data', (chunk) => {
    bytes += chunk.length;
    if (isHashed) hash.update(chunk);
  });
  socket.write('s');
  await once(socket, 'end');
  if (bytes !== streamBytes) throw new Error(`${bytes} bytes came, not ${streamBytes}`);
}

async function echo(): Promise<void> {
  for (let trip = 0; trip < roundTrips; trip++) {
    socket.write('e');
    await once(socket, 'data');
  }
}
