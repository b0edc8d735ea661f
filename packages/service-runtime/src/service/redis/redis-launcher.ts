import { findProgram } from '../../process/find-program.js';
import type { RedisEndpoint } from '../endpoint.js';
import type { LocalLauncher } from '../service-definition.js';
import { missingBinary } from '../launch-failure.js';
import { launchServer } from '../launch-server.js';
import { askRedis } from './redis-probe.js';

export const redisLauncher: LocalLauncher<RedisEndpoint> = {
  locate(host) {
    const found = findProgram('redis-server', host.programFolders);
    if (found === undefined) throw missingBinary('redis', 'redis-server');
    return found;
  },

  launch(context) {
    const file = redisLauncher.locate(context.host);
    const maxConnections = context.private?.maxConnections;
    return launchServer({
      service: 'redis',
      standardPort: 6379,
      context,
      command: (port) => ({
        file,
        args: [
          ...['--port', String(port), '--bind', '127.0.0.1', '--dir', context.dataFolder],
          // Shared, it writes nothing to disk: no snapshot, no append-only file. Private, it writes each command before it
          // answers, and never syncs: while a sync goes on in the background, writing may be put off.
          ...['--save', '', '--appendonly', context.private ? 'yes' : 'no', '--appendfsync', 'no'],
          ...['--daemonize', 'no', '--databases', '64'],
          ...(maxConnections === undefined ? [] : ['--maxclients', String(maxConnections)]),
        ],
        logFile: context.logFile,
        endSignal: 'SIGKILL',
      }),
      endpoint: (port) => ({ host: '127.0.0.1', port }),
      probe: (server) => async (endpoint, signal) => {
        const { version, processId } = await askRedis(endpoint, signal);
        if (processId !== server.pid)
          throw new Error(`another Redis, process ${String(processId)}, answers on this port`);
        return version;
      },
    });
  },
};
