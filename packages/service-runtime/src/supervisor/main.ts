import { systemClock } from '../clock.js';
import { ServiceFailure } from '../failure/service-failure.js';
import { thisHost } from '../host.js';
import { runtimeFolders } from '../workspace/runtime-folders.js';
import { loadService } from '../workspace/workspace-services.js';
import { exitCodes } from './spawn-supervisor.js';
import { supervisorVersion } from './runtime-version.js';
import { supervise } from './supervisor.js';

/** The supervisor's process: one argument, the workspace. Its output is its log. */
const log = (line: string): void => {
  process.stdout.write(`${systemClock.timestamp()} [${String(process.pid)}] ${line}\n`);
};

// The servers' account must be able to read what we prepare for it; what is ours alone says so file by file.
process.umask(0o022);

const told = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
  process.on(signal, () => {
    log(`told to end by ${signal}`);
    told.abort();
  });
}

const host = thisHost();
const folders = runtimeFolders(process.argv[2] ?? '', host);
const supervised = supervise({
  folders,
  load: (service) => loadService(folders.workspace, service),
  version: supervisorVersion(folders.workspace),
  host,
  clock: systemClock,
  log,
  signal: told.signal,
});
const outcome = await supervised.catch((error: unknown) => {
  if (!(error instanceof ServiceFailure)) throw error;
  log(error.message);
  return 'noFolder' as const;
});
process.exit(exitCodes[outcome]);
