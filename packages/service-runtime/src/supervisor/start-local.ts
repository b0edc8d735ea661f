import { chmodSync, chownSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Clock } from '../clock.js';
import { ServiceFailure } from '../failure/service-failure.js';
import type { Host } from '../host.js';
import { removeSharedMemory } from '../process/shared-memory.js';
import { beginLog } from '../service/begin-log.js';
import { diskFull, isFull, lastLines, missingLauncher } from '../service/launch-failure.js';
import type { ServiceDefinition } from '../service/service-definition.js';
import type { ServiceName } from '../service/service-name.js';
import { assertOurs, folderFailure, makeFolders, type RuntimeFolders } from '../workspace/runtime-folders.js';
import type { ProcessLedger } from './process-ledger.js';
import type { StartService } from './service-slot.js';

/** Starts a service from local processes, in a data folder of its own that goes when the service goes. */
export function startLocal(
  { name, local }: Pick<ServiceDefinition, 'name' | 'local'>,
  folders: RuntimeFolders,
  ledger: ProcessLedger,
  host: Host,
  clock: Clock,
): StartService {
  return async (port, signal) => {
    if (local === undefined) throw missingLauncher(name);
    const startedAt = clock.nowMs();
    const logFile = join(folders.logs, `${name}.log`);
    const dataFolder = makeServiceFolder(name, folders, host, logFile);
    const entries = ledger.open();
    const clear = async (): Promise<void> => {
      await removeSharedMemory(dataFolder, clock);
      // In this order: with the disk full, the ledger can only be written once the data is gone.
      rmSync(dataFolder, { recursive: true, force: true, maxRetries: 5 });
      entries.close();
    };
    try {
      const record = entries.add;
      const running = await local.launch({ host, clock, dataFolder, logFile, port, signal, record });
      return {
        offer: {
          service: name,
          provider: 'local',
          endpoint: running.endpoint,
          version: running.version,
          startedInMs: clock.nowMs() - startedAt,
          logFile,
        },
        ended: running.ended,
        stop: async () => {
          await running.stop();
          await clear();
        },
      };
    } catch (error) {
      const full = isFull(dataFolder) ? diskFull(name, dirname(dataFolder), lastLines(logFile)) : undefined;
      await clear();
      throw full ?? error;
    }
  };
}

/**
 * Makes an empty folder that the servers' account owns, and begins the log.
 *
 * @throws ServiceFailure `FOLDER_NOT_WRITABLE`, `DISK_FULL`
 */
export function makeServiceFolder(
  service: ServiceName,
  folders: RuntimeFolders,
  host: Host,
  logFile: string,
): string {
  try {
    makeFolders(folders.logs, host);
    beginLog(logFile);
    makeFolders(folders.data, host);
    assertOurs([dirname(folders.data), folders.data], host);
    // Whatever the umask: the servers' account must get through.
    for (const folder of [dirname(folders.data), folders.data]) chmodSync(folder, 0o711);
    const folder = mkdtempSync(join(folders.data, `${service}-`)); // mode 0700
    if (host.serverAccount) chownSync(folder, host.serverAccount.uid, host.serverAccount.gid);
    return folder;
  } catch (cause) {
    throw cause instanceof ServiceFailure ? cause : folderFailure(folders.data, host, cause);
  }
}
