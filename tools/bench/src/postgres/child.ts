import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { PostgresEndpoint } from '@sqlflow/service-runtime';
import { z } from 'zod';
import type { Contender } from '../frame/measure.js';
import type { Sample } from '../frame/statistics.js';

const told = z.strictObject({
  tookMs: z.number(),
  peakRssMb: z.number(),
  rows: z.number().int().exactOptional(),
});
const timeoutMs = 600_000;

/** What a child needs to connect, as it is written on its command line. The password is that of a server for tests. */
export interface ServerForChild extends PostgresEndpoint {
  /** The certificate to trust; without one, nothing is encrypted. */
  readonly ca?: string;
}

/**
 * Work in a process of its own, which connects, does it and tells how long that took and how much memory it held. The program
 * is plain JavaScript: what transforms TypeScript would be part of its memory.
 */
export function inChild(
  row: string,
  program: URL,
  way: string,
  server: ServerForChild,
  subject: string,
): Contender {
  const input = JSON.stringify({ way, server, subject });
  return {
    name: row,
    run: async () => {
      const { stdout } = await promisify(execFile)(process.execPath, [fileURLToPath(program), input], {
        timeout: timeoutMs,
        env: { ...process.env, NODE_OPTIONS: '' },
      });
      const { tookMs, ...rest } = told.parse(JSON.parse(stdout));
      return { [row]: { value: tookMs, unit: 'ms', ...rest } satisfies Sample };
    },
  };
}
