import { chmodSync, chownSync, cpSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { thisHost } from '@sqlflow/service-runtime';
import { atTheLatestOnExit } from '../frame/clean-up.js';

/** Those of this repository. */
const composeFiles = fileURLToPath(new URL('../../../../docker', import.meta.url));

/** A folder that goes with its owner. */
export interface ScratchFolder extends Disposable {
  readonly path: string;
}

/** A workspace of the benchmark's own: its services are never those of the workspace that is worked in. */
export function scratchWorkspace(): ScratchFolder {
  const folder = scratchFolder(tmpdir());
  writeFileSync(join(folder.path, 'package.json'), '{ "name": "bench", "workspaces": [] }');
  cpSync(composeFiles, join(folder.path, 'docker'), { recursive: true });
  return folder;
}

/** An empty cache, for a start on a machine that never started a service before. */
export function scratchCache(): ScratchFolder {
  const folder = scratchFolder(tmpdir());
  chmodSync(folder.path, 0o755); // the servers' account reads it
  return folder;
}

/** Where a server started by hand keeps its data: on the same file system as the runtime's own servers. */
export function scratchData(): ScratchFolder {
  const { dataFolder, serverAccount } = thisHost();
  const folder = scratchFolder(dataFolder ?? tmpdir());
  if (serverAccount) chownSync(folder.path, serverAccount.uid, serverAccount.gid);
  return folder;
}

function scratchFolder(parent: string): ScratchFolder {
  const path = realpathSync(mkdtempSync(join(parent, 'sqlflow-bench-')));
  const removed = atTheLatestOnExit(() => {
    rmSync(path, { recursive: true, force: true, maxRetries: 5 });
  });
  return { path, [Symbol.dispose]: () => removed[Symbol.dispose]() };
}
