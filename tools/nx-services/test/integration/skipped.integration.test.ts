import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Finished,
  onRedis,
  type ScratchNxWorkspace,
  scratchNxWorkspace,
  startNx,
} from './scratch-nx-workspace.js';

/** A Redis of a test's own choice, which says its version as ever and does not start while it is broken. */
function breakableRedis({ root }: ScratchNxWorkspace): { folder: string; broken: string } {
  const folder = join(root, 'programs');
  chmodSync(root, 0o755); // where we are root, servers run under another account
  mkdirSync(folder);
  const [program, broken] = [join(folder, 'redis-server'), join(folder, 'broken')];
  writeFileSync(
    program,
    `#!/bin/sh
[ "$1" = --version ] || [ ! -e ${broken} ] || exit 1
PATH=/usr/local/bin:/usr/bin:/bin
exec redis-server "$@"
`,
  );
  chmodSync(program, 0o755);
  writeFileSync(broken, '');
  return { folder, broken };
}

/** Whether the tests ran, were skipped in this run, or what there is of them was kept from one before. */
function outcomeOf({ exitCode, output }: Finished): string {
  const kept = /\[(local cache|existing outputs match the cache[^\]]*)\]/.test(
    output.split('\n').find((line) => line.includes('> nx run on-redis:integration')) ?? '',
  );
  const result = /skipped "on redis": redis is not to be had/.test(output) ? 'skipped' : 'ran';
  return `${String(exitCode)} ${result}${kept ? ', from the cache' : ''}`;
}

test('a suite that was skipped for lack of its service runs when the service is there, and only then is kept', async () => {
  await using workspace = scratchNxWorkspace([onRedis]);
  const { folder, broken } = breakableRedis(workspace);
  // As on a person's machine: in CI it would fail.
  const variables = { CI: '', SERVICES_KEEP_WARM_MS: '0', SERVICES_PROVIDER: 'local', SERVICES_PATH: folder };
  const run = async (): Promise<string> => {
    const args = ['run-many', '-t', 'integration', '--output-style=static'];
    return outcomeOf(await startNx(workspace.root, args, variables).finished);
  };
  expect([await run(), await run()]).toEqual(['0 skipped', '0 skipped']);
  rmSync(broken);
  expect([await run(), await run()]).toEqual(['0 ran', '0 ran, from the cache']);
  // What the mark kept from being used is used when the mark is lost, and brings it back.
  rmSync(join(workspace.root, '.nx/workspace-data/skipped'), { recursive: true });
  const after = [await run(), await run(), await run()];
  expect(after).toEqual(['0 skipped, from the cache', '0 skipped, from the cache', '0 ran, from the cache']);
  await workspace.untilNothingRemains();
});
