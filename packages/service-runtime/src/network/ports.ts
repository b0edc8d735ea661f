import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Whether a server could listen on this port of 127.0.0.1 now. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}

/**
 * Below the ports that Linux (from 32768) and macOS (from 49152) give to outgoing connections: one of those is soon taken
 * by somebody who has not even asked for it.
 */
const range = { from: 20_000, to: 32_768 } as const;

/** In so many ports that all are taken there is none to be had. */
const looks = 100;

/**
 * A port of 127.0.0.1 that nobody listens on now. Whoever uses it must be ready to find it taken after all.
 *
 * @throws Error if a hundred in a row are taken.
 */
export async function freePort(): Promise<number> {
  for (let look = 0; look < looks; look++) {
    const port = randomInt(range.from, range.to);
    if (await isPortFree(port)) return port;
  }
  throw new Error(
    `${String(looks)} ports from ${String(range.from)} to ${String(range.to - 1)} are all taken`,
  );
}
