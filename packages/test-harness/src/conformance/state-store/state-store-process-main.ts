import type { StateStore } from '@sqlflow/connector-contract';
import { runTaskOnce, tell, tellOutcome } from '../own-process-task.js';
import type { Address } from '../source/source-fixture.js';
import { checkpointAt } from './state-store-bench.js';
import type { StateStoreTask } from './state-store-process.js';

runTaskOnce(async (open: (endpoint: Address) => StateStore, { endpoints }: StateStoreTask) => {
  for (const endpoint of endpoints) {
    await using store = open(endpoint);
    tell('state store', store);
    await tellOutcome('load', () => store.load('told'));
    await tellOutcome('save', () => store.save('told', checkpointAt(null), { replaces: 'no such revision' }));
  }
  return 0;
});
