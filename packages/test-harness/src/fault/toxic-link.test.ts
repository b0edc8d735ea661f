import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { toxicLink } from './toxic-link.js';

async function startServer(
  onClient: (client: Socket) => void,
): Promise<{ server: Server; host: string; port: number }> {
  const server = createServer({ allowHalfOpen: true }, onClient).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

test('smoke', async () => {
  const { server, host, port } = await startServer((c) => c.pipe(c));
  {
    await using link = await toxicLink({ host, port, user: 'x' });
    expect(link.endpoint.user).toBe('x');
    const client = connect(link.endpoint.port, link.endpoint.host);
    client.end('hello');
    const [data] = await once(client, 'data');
    expect(String(data)).toBe('hello');
    await once(client, 'close');
    await link.until(() => link.connections.length === 0);
  }
  server.close();
  await once(server, 'close');
});
