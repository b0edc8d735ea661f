import { builtInServices } from '@sqlflow/service-runtime';
import type { Contender } from '../frame/measure.js';
import { ms } from '../frame/statistics.js';
import { startClient } from './client.js';
import { leaseHere } from './lease-here.js';
import { tracesOf, untilGone } from './traces.js';

export const joinRows = {
  first: 'join a running set: the first call of a new process',
  again: 'join a running set: again in the same process',
} as const;

/** @param workspaceRoot - All three services must run there. */
export function joinContender(workspaceRoot: string): Contender {
  return {
    name: 'join',
    run: async () => {
      const client = await startClient(workspaceRoot, builtInServices);
      await client.end();
      const { leasedMs, leasedAgainMs, startedInMs } = client.times;
      if (Object.keys(startedInMs).length > 0)
        throw new Error('a service had to be started: nothing was joined');
      return { [joinRows.first]: ms(leasedMs), [joinRows.again]: ms(leasedAgainMs) };
    },
  };
}

export const stopRow = 'release and stop: the last lease of all three given back, until nothing is left';

export function stopContender(workspaceRoot: string): Contender {
  return {
    name: 'release and stop',
    run: async () => {
      const lease = await leaseHere(workspaceRoot, builtInServices);
      const traces = await tracesOf(workspaceRoot);
      const begin = performance.now();
      await lease[Symbol.asyncDispose]();
      await untilGone(traces);
      return { [stopRow]: ms(performance.now() - begin) };
    },
  };
}
