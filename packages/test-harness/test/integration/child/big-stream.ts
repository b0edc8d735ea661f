// Passes 1 GiB through a link to a reader in another process that is slower than the sender in a third, and says by how much
// the memory of this one, with the link alone, has grown.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { toxicLink } from '@sqlflow/test-harness';

const [role, port] = process.argv.slice(2);
const total = 1024 ** 3;

if (role === 'send') await send();
else if (role === 'read') await read(Number(port));
else await between();

async function between(): Promise<void> {
  const options = { execArgv: process.execArgv };
  const sender = fork(new URL(import.meta.url), ['send'], options);
  const [serverPort] = (await once(sender, 'message')) as [number];
  const link = await toxicLink({ host: '127.0.0.1', port: serverPort });
  const before = process.memoryUsage.rss();
  let most = before;
  const reader = fork(new URL(import.meta.url), ['read', String(link.endpoint.port)], options);
  const watch = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 5);
  const [bytes] = (await once(reader, 'message')) as [number];
  clearInterval(watch);
  process.stdout.write(`${JSON.stringify({ bytes, grownMiB: (most - before) / 1024 ** 2 })}\n`);
  for (const child of [sender, reader]) child.disconnect();
  await link[Symbol.asyncDispose]();
}

async function send(): Promise<void> {
  const { createServer } = await import('node:net');
  const chunk = Buffer.alloc(1024 ** 2);
  const server = createServer((client) => {
    let left = total;
    const go = (): void => {
      while (left > 0) {
        left -= chunk.length;
        if (!client.write(chunk)) return;
      }
      client.end();
    };
    client.on('drain', go);
    go();
  });
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as { port: number }).port));
  await once(process, 'disconnect');
  server.close();
}

async function read(from: number): Promise<void> {
  const { connect } = await import('node:net');
  const client = connect(from, '127.0.0.1');
  let bytes = 0;
  client.on('data', (chunk) => {
    bytes += chunk.length;
    // A rest every 4 MiB, while the sender goes on.
    if (bytes % (4 * 1024 ** 2) >= chunk.length) return;
    client.pause();
    setTimeout(() => client.resume(), 1);
  });
  await once(client, 'end');
  process.send?.(bytes);
}
