import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Host } from '../../host.js';
import { identify } from '../../process/process-identity.js';

/**
 * Makes a folder of the cache that does not change once it is there. It appears whole or not at all: it is built
 * beside its place and moved there, and who comes second throws its own away.
 *
 * @param build - Fills a new folder, owned by the servers' account, and names the part of it to keep.
 */
export async function buildOnce(
  place: string,
  host: Host,
  build: (folder: string) => Promise<string>,
): Promise<void> {
  if (existsSync(place)) return;
  const parent = dirname(place);
  mkdirSync(parent, { recursive: true, mode: 0o755 });
  sweepUnfinished(parent);
  const startedAt = identify(process.pid)?.startedAt.replace(/\D/g, '') ?? '';
  const folder = join(
    parent,
    `building-${String(process.pid)}-${startedAt}-${randomBytes(4).toString('hex')}`,
  );
  mkdirSync(folder, { mode: 0o755 });
  try {
    if (host.serverAccount) chownSync(folder, host.serverAccount.uid, host.serverAccount.gid);
    const result = await build(folder);
    moveUnlessThere(result, place);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function moveUnlessThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!existsSync(to)) throw error;
  }
}

/** What a killed builder left. Its pid may belong to another process by now; its start time does not. */
function sweepUnfinished(parent: string): void {
  for (const name of readdirSync(parent)) {
    const [, pid, startedAt] = /^building-(\d+)-(\d+)-/.exec(name) ?? [];
    if (pid === undefined || identify(Number(pid))?.startedAt.replace(/\D/g, '') === startedAt) continue;
    rmSync(join(parent, name), { recursive: true, force: true });
  }
}
