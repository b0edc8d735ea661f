import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Host } from '../host.js';
import { engineVariables } from '../service/docker/docker-command.js';
import { folderFailure, makeFolders, type RuntimeFolders } from '../workspace/runtime-folders.js';
import { runsFromSource } from './runtime-version.js';

/**
 * What a supervisor's exit code says. `busy`: another one supervises the workspace already. `noFolder`: its control
 * folder cannot be made. The numbers are EX_TEMPFAIL and EX_CANTCREAT of sysexits.h.
 */
export const exitCodes = { ended: 0, busy: 75, noFolder: 73 } as const;

/**
 * What the supervisor gets to see of our environment. It outlives us, so it must not carry what is ours alone: no
 * TEST_* endpoints with their passwords, no NODE_OPTIONS of a debugger.
 */
const inherited = [
  ...['PATH', 'HOME', 'USER', 'LANG', 'XDG_CACHE_HOME'],
  ...['SERVICES_CACHE_FOLDER', 'SERVICES_DATA_FOLDER', 'SERVICES_PATH', 'SERVICES_POSTGRES_VERSION'],
  ...['XDG_CONFIG_HOME', 'XDG_RUNTIME_DIR', 'SSH_AUTH_SOCK'],
  ...engineVariables, // for its sweep: what it starts is started on the engine of whoever asks
];

/**
 * Starts the supervisor of a workspace in a session of its own, so that neither Ctrl-C nor a closed terminal reaches it.
 *
 * @throws ServiceFailure `FOLDER_NOT_WRITABLE` if its log cannot be opened.
 */
export function spawnSupervisor(folders: RuntimeFolders, host: Host): ChildProcess {
  const log = openLog(folders, host);
  try {
    const child = spawn(host.nodePath, [...loader(), entryPoint(), folders.workspace], {
      cwd: '/', // keeps no folder busy
      detached: true,
      stdio: ['ignore', log, log],
      env: {
        ...Object.fromEntries(inherited.map((name) => [name, host.environment[name]])),
        TMPDIR: host.temporaryFolder,
      },
    });
    child.once('error', () => undefined); // whoever waits for its socket gives up by a deadline
    child.unref();
    return child;
  } finally {
    closeSync(log);
  }
}

export function supervisorLog(folders: RuntimeFolders): string {
  return join(folders.logs, 'supervisor.log');
}

function openLog(folders: RuntimeFolders, host: Host): number {
  try {
    makeFolders(folders.logs, host);
    return openSync(supervisorLog(folders), 'a');
  } catch (cause) {
    throw folderFailure(folders.logs, host, cause);
  }
}

function entryPoint(): string {
  return fileURLToPath(new URL(`./main.${runsFromSource ? 'ts' : 'js'}`, import.meta.url));
}

/** Only this repository's own TypeScript needs a loader. */
function loader(): string[] {
  if (!runsFromSource) return [];
  return ['--import', new URL('../../../../tools/source-loader/register.mjs', import.meta.url).href];
}
