import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { identify, isAlive } from '../../src/index.js';
import { until } from './scratch-workspace.js';

const loader = new URL('../../../../tools/source-loader/register.mjs', import.meta.url).href;
const program = fileURLToPath(new URL('./child/own-server.ts', import.meta.url));

/** The kernel's tie is used on Linux, the watching shell on macOS; both work here. */
test.each([
  ['kernel', 'SIGKILL'],
  ['kernel', 'SIGQUIT'],
  ['watch', 'SIGKILL'],
  ['watch', 'SIGQUIT'],
])('a server tied by the %s is sent %s when its owner is killed', async (tie, endSignal) => {
  const folder = mkdtempSync(join(tmpdir(), 'sqlflow-tie-'));
  const log = join(folder, 'log');
  writeFileSync(log, '');
  const owner = spawn(process.execPath, ['--import', loader, program, tie, endSignal, log], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const pid = await createInterface({ input: owner.stdout })[Symbol.asyncIterator]().next();
    const server = identify(Number(pid.value));
    if (server === undefined) throw new Error('the server did not start');
    const said = (): string => readFileSync(log, 'utf8');
    await until(() => said().includes('up'), 5_000, said);
    expect(isAlive(server)).toBe(true);
    owner.kill('SIGKILL');
    await until(
      () => !isAlive(server),
      5_000,
      () => `it lives on: ${said()}`,
    );
    expect(said().includes('told to quit')).toBe(endSignal === 'SIGQUIT');
  } finally {
    owner.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  }
});
