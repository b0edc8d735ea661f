// Opens a link with toxics that hold back what is sent, a connection through it, says so, and comes to its end.
import { connect, createServer } from 'node:net';
import { toxicLink } from '@sqlflow/test-harness';

const server = createServer((client) => void client.unref()).unref();
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address() as { port: number };
const link = await toxicLink(
  { host: '127.0.0.1', port },
  {
    script: [
      { type: 'latency', latencyMs: 600_000, direction: 'upstream' },
      { type: 'timeout', timeoutMs: 600_000 },
    ],
  },
);
const client = connect(link.endpoint.port, link.endpoint.host);
client.write('held back');
await link.until(() => link.connections[0]?.upstream.receivedBytes === 9);
client.unref();
process.stdout.write(`${JSON.stringify({ connections: link.connections.length })}\n`);
