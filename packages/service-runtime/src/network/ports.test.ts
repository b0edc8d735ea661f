import { createServer, type Server } from 'node:net';
import { portOwner } from './port-owner.js';
import { freePort, isPortFree } from './ports.js';

async function listening(): Promise<{ server: Server; port: number; close: () => Promise<unknown> }> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen({ host: '127.0.0.1', port: 0 }, resolve);
  });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no address');
  return { server, port: address.port, close: () => new Promise((resolve) => server.close(resolve)) };
}

describe('a port', () => {
  test('is free until somebody listens on it, and again afterwards', async () => {
    const { port, close } = await listening();
    expect(await isPortFree(port)).toBe(false);
    await close();
    expect(await isPortFree(port)).toBe(true);
  });

  test('that is free can be had, and is left free', async () => {
    const port = await freePort();
    expect(await isPortFree(port)).toBe(true);
  });
});

test('a free port is none that outgoing connections are given, and each time another', async () => {
  const ports = await Promise.all(Array.from({ length: 20 }, freePort));
  for (const port of ports) expect(port).toBeLessThan(32_768);
  expect(new Set(ports).size).toBeGreaterThan(10);
});

describe('the owner of a port', () => {
  test('is named by pid', async () => {
    const { port, close } = await listening();
    expect(portOwner(port)).toMatch(
      process.platform === 'linux' ? new RegExp(`^process ${process.pid} \\(.+\\)`) : /lsof/,
    );
    await close();
  });

  test('is not guessed when nobody listens', async () => {
    expect(portOwner(await freePort())).not.toMatch(/^process/);
  });
});
