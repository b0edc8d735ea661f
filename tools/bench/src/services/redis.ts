import type { Contender } from '../frame/measure.js';
import { ms } from '../frame/statistics.js';
import { freePort, startByHand } from './by-hand.js';
import { askRedis, ping } from './first-query.js';
import { whileLeased } from './lease-here.js';
import { leasedRun, startedInMs } from './leased-run.js';
import { scratchData } from './scratch-folder.js';

export const redisRows = {
  started: 'redis: started by the supervisor (startedInMs)',
  client: 'redis: from the first call of a client, with the start of the supervisor',
  byHand: 'redis: floor: redis-server by hand, asked without a pause',
} as const;

export async function redisContenders(workspaceRoot: string): Promise<Contender[]> {
  const program = await programOfRedis(workspaceRoot);
  return [
    {
      name: 'redis',
      run: async () => {
        const times = await leasedRun(workspaceRoot, ['redis']);
        return {
          [redisRows.started]: ms(startedInMs(times, 'redis')),
          [redisRows.client]: ms(times.answeredMs),
        };
      },
    },
    {
      name: 'redis by hand',
      run: async () => {
        using data = scratchData();
        const port = await freePort();
        const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', data.path, '--save', ''];
        const ask = (): Promise<void> => ping({ host: '127.0.0.1', port });
        return { [redisRows.byHand]: ms(await startByHand({ file: program, args }, ask, 'SIGKILL')) };
      },
    },
  ];
}

/** The very program that the runtime starts. */
function programOfRedis(workspaceRoot: string): Promise<string> {
  return whileLeased(workspaceRoot, ['redis'], async ({ redis }) => {
    if (redis === undefined) throw new Error('Redis was leased and not offered');
    const information = await askRedis(redis, 'INFO server', 'executable:');
    return /^executable:(\S+)/m.exec(information)?.[1] ?? 'redis-server';
  });
}
