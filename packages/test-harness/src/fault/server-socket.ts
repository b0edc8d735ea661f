import { connect, type Socket } from 'node:net';
import type { Lane } from './lane.js';
import type { Address } from './link-options.js';

/**
 * Node reads 64 KiB at a time, into a buffer that it allocates for each read. With these a link takes 0.45 s of processor time for
 * 1 GiB instead of 0.8 s (Node 20, EPYC); 64 KiB here gained nothing, 2 MiB no more. Clients that are accepted cannot be read so:
 * Node has no option for it.
 */
const bufferBytes = 512 * 1024;

/**
 * Connects to a server, and gives what it sends to a lane.
 *
 * @param laneTo - The lane and the socket where it ends, from the first byte on.
 */
export function connectToServer(server: Address, laneTo: () => { lane: Lane; sink: Socket }): Socket {
  let buffer: Buffer | undefined;
  const onread = {
    buffer: () => (buffer ??= Buffer.allocUnsafeSlow(bufferBytes)),
    callback(count: number, filled: Uint8Array) {
      const { lane, sink } = laneTo();
      const bytes = filled.subarray(0, count);
      if (lane.isPassing) {
        lane.receive(bytes);
        // What the sink could not hand to the system yet is still in the buffer.
        if (sink.writableLength > 0) buffer = undefined;
      } else {
        lane.receive(Buffer.from(bytes));
      }
      return true;
    },
  };
  return connect({ host: server.host, port: server.port, allowHalfOpen: true, noDelay: true, onread });
}
