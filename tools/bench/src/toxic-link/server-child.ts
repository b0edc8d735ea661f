// A server that does what the first byte of a connection says: streams 1 GiB, or sends back what it gets. Says its port.
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { streamBytes } from './work.js';

const chunk = Buffer.alloc(256 * 1024, 'x');

function stream(client: Socket): void {
  let left = streamBytes;
  const send = (): void => {
    while (left > 0) {
      left -= chunk.length;
      if (!client.write(chunk)) {
        client.once('drain', send);
        return;
      }
    }
    client.end();
  };
  send();
}

const server = createServer({ noDelay: true }, (client) => {
  client
    .on('error', () => client.destroy())
    .once('data', (first) => {
      if (first.toString() === 's') stream(client);
      else {
        client.write(first);
        client.pipe(client);
      }
    });
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('disconnect', () => process.exit(0));
