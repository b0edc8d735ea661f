import { builtInServices } from '@sqlflow/service-runtime';
import type { Contender } from '../frame/measure.js';
import { ms } from '../frame/statistics.js';
import { leasedRun } from './leased-run.js';
import { scratchCache } from './scratch-folder.js';

export const allThreeRows = {
  cold: 'all three cold: no supervisor and no server',
  coldest: 'all three cold: and no cached template, as the first time on a machine',
} as const;

export function allThreeContenders(workspaceRoot: string): Contender[] {
  return [
    {
      name: 'all three cold',
      run: async () => {
        const { answeredMs } = await leasedRun(workspaceRoot, builtInServices);
        return { [allThreeRows.cold]: ms(answeredMs) };
      },
    },
    {
      name: 'all three cold, empty cache',
      run: async () => {
        using cache = scratchCache();
        const { answeredMs } = await leasedRun(workspaceRoot, builtInServices, {
          SERVICES_CACHE_FOLDER: cache.path,
        });
        return { [allThreeRows.coldest]: ms(answeredMs) };
      },
    },
  ];
}
