import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { launchServer } from '../launch-server.js';
import type { PostgresEndpoint } from '../endpoint.js';
import type { LocalLauncher } from '../service-definition.js';
import { locatePostgres } from './postgres-binaries.js';
import { loadClient, probePostgres } from './postgres-probe.js';
import { unpackTemplate, postgresAccount, postgresTemplate } from './postgres-template.js';

/**
 * For a server whose data is thrown away: nothing is synced, nothing is kept for a crash or a replica.
 * Small shared buffers make FILE_COPY, which forces a checkpoint, quick; `mmap` keeps shared memory in the data folder
 * instead of /dev/shm, where a killed server would leave it.
 */
const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  autovacuum: 'off',
  jit: 'off',
  shared_buffers: '32MB',
  max_connections: '200',
  max_prepared_transactions: '20',
  dynamic_shared_memory_type: 'mmap',
  log_destination: 'stderr',
  logging_collector: 'off',
  timezone: 'UTC',
};

/**
 * For a server that is killed and must come back with all that it has committed. The system lives on, so nothing has to be
 * synced; but what was committed must have been handed to it, and a write that a kill cuts off may leave half a page.
 */
const durableSettings = { synchronous_commit: 'on', full_page_writes: 'on' };

export const postgresLauncher: LocalLauncher<PostgresEndpoint> = {
  locate: (host) => {
    const { origin, version, folder } = locatePostgres(host);
    return `PostgreSQL ${version} (${origin === 'npm' ? 'npm package' : folder})`;
  },

  async launch(context) {
    const { host, signal, dataFolder, private: own } = context;
    void loadClient(); // for the probe
    const template = await postgresTemplate(locatePostgres(host), host, signal);
    if (own?.isRestart !== true) await unpackTemplate(template, context, own?.roomyFolder);
    const max = own?.maxConnections === undefined ? {} : { max_connections: String(own.maxConnections) };
    const asked = { ...settings, ...(own && durableSettings), ...max };
    const options = Object.entries(asked).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    return launchServer({
      service: 'postgres',
      standardPort: 5432,
      context,
      command: (port) => ({
        file: template.postgres,
        args: ['-D', dataFolder, '-p', String(port), ...options],
        environment: template.environment,
        logFile: context.logFile,
        endSignal: 'SIGQUIT',
      }),
      endpoint: (port) => ({ host: '127.0.0.1', port, ...postgresAccount }),
      probe: () => (endpoint, probing) => {
        // Only our own server writes this file, so a stranger on the port is not taken for it.
        if (!saysReady(own?.seenFromOutside ?? dataFolder))
          throw new Error('postmaster.pid does not say that it is ready');
        return probePostgres(endpoint, probing);
      },
    });
  },
};

/** The eighth line of the file, once the server has its port and takes connections. */
function saysReady(dataFolder: string): boolean {
  try {
    return readFileSync(join(dataFolder, 'postmaster.pid'), 'latin1').split('\n')[7]?.trim() === 'ready';
  } catch {
    return false;
  }
}
