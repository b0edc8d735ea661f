import { join } from 'node:path';
import type { Contender } from '../frame/measure.js';
import { ms } from '../frame/statistics.js';
import { leasedRun, startedInMs } from './leased-run.js';
import { initializeByHand, recipeOfPostgres, startPostgresByHand } from './postgres-by-hand.js';
import { scratchData } from './scratch-folder.js';

export const postgresRows = {
  started: 'postgres warm: started by the supervisor (startedInMs)',
  client: 'postgres warm: from the first call of a client, with the start of the supervisor',
  byHand: 'postgres warm: floor: postgres by hand on a folder that is there, asked without a pause',
  initialized: 'postgres warm: initdb and postgres by hand, no template',
} as const;

export async function postgresContenders(workspaceRoot: string): Promise<Contender[]> {
  const recipe = await recipeOfPostgres(workspaceRoot);
  return [
    {
      name: 'postgres',
      run: async () => {
        const times = await leasedRun(workspaceRoot, ['postgres']);
        return {
          [postgresRows.started]: ms(startedInMs(times, 'postgres')),
          [postgresRows.client]: ms(times.answeredMs),
        };
      },
    },
    {
      name: 'postgres by hand',
      run: async () => {
        using scratch = scratchData();
        const data = join(scratch.path, 'data');
        const begin = performance.now();
        await initializeByHand(recipe, data);
        const initializedMs = performance.now() - begin;
        const startedMs = await startPostgresByHand(recipe, data);
        return {
          [postgresRows.byHand]: ms(startedMs),
          [postgresRows.initialized]: ms(initializedMs + startedMs),
        };
      },
    },
  ];
}
