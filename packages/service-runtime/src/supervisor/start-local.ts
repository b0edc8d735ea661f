import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Clock } from '../clock.js';
import { ServiceFailure } from '../failure/service-failure.js';
import type { Host } from '../host.js';
import { diskFull, isFull, lastLines } from '../service/launch-failure.js';
import type { LocalLauncher } from '../service/running-service.js';
import type { ServiceName } from '../service/service-name.js';
import { folderFailure, type RuntimeFolders } from '../workspace/runtime-folders.js';
import type { ProcessLedger } from './process-ledger.js';
import type { StartService } from './service-slot.js';

/** Starts a service from local processes, in a data folder of its own that goes when the service goes. */
export function startLocal<N extends ServiceName>(
  launcher: LocalLauncher<N>,
  folders: RuntimeFolders,
  ledger: ProcessLedger,
  host: Host,
  clock: Clock,
): StartService {
  return async (port, signal) => {
    const startedAt = clock.nowMs();
    const logFile = join(folders.logs, `${launcher.service}.log`);
    const dataFolder = makeServiceFolder(launcher.service, folders, host, logFile);
    const entries = ledger.open();
    const clear = (): void => {
      entries.close();
      rmSync(dataFolder, { recursive: true, force: true, maxRetries: 5 });
    };
    try {
      const record = entries.add;
      const running = await launcher.launch({ host, clock, dataFolder, logFile, port, signal, record });
      return {
        offer: {
          service: launcher.service,
          provider: 'local',
          endpoint: running.endpoint,
          version: running.version,
          startedInMs: clock.nowMs() - startedAt,
          logFile,
        },
        ended: running.ended,
        stop: async () => {
          await running.stop();
          clear();
        },
      };
    } catch (error) {
      const full = isFull(dataFolder)
        ? diskFull(launcher.service, dirname(dataFolder), lastLines(logFile))
        : undefined;
      clear();
      throw full ?? error;
    }
  };
}

function makeServiceFolder(
  service: ServiceName,
  folders: RuntimeFolders,
  host: Host,
  logFile: string,
): string {
  try {
    mkdirSync(folders.logs, { recursive: true });
    writeFileSync(logFile, '');
    mkdirSync(folders.data, { recursive: true, mode: 0o711 });
    chmodSync(folders.data, 0o711); // whatever the umask: the servers' account must get through
    const folder = mkdtempSync(join(folders.data, `${service}-`)); // mode 0700
    if (host.serverAccount) chownSync(folder, host.serverAccount.uid, host.serverAccount.gid);
    return folder;
  } catch (cause) {
    throw cause instanceof ServiceFailure ? cause : folderFailure(folders.data, host, cause);
  }
}
