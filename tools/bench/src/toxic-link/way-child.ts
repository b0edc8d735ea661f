// What is between a client and a server: a link without toxics, or the two sockets of Node piped together. Says its port,
// and when asked the most memory it held, in MiB.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { toxicLink } from '@sqlflow/test-harness';

const [way, portText] = process.argv.slice(2);
const server = { host: '127.0.0.1', port: Number(portText) };

process.send?.(way === 'link' ? (await toxicLink(server)).endpoint.port : await pipe());
process.on('message', () => process.send?.(process.resourceUsage().maxRSS / 1024));
process.on('disconnect', () => process.exit(0));

async function pipe(): Promise<number> {
  const listener = createServer({ noDelay: true }, (client) => {
    client.pipe(connect({ ...server, noDelay: true })).pipe(client);
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return (listener.address() as AddressInfo).port;
}
