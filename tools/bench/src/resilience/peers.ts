import { readFileSync } from 'node:fs';
import { z } from 'zod';

const manifest = new URL('../../package.json', import.meta.url);
const { devDependencies } = z
  .object({ devDependencies: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(manifest, 'utf8')));

/** A peer with its version, which is pinned. */
function peer(name: string): string {
  return `${name} ${devDependencies[name] ?? 'of an unknown version'}`;
}

export const cockatiel = peer('cockatiel');
export const opossum = peer('opossum');
export const bottleneck = peer('bottleneck');
export const flexible = peer('rate-limiter-flexible');
