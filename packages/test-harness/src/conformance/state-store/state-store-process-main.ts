import type { StateStore } from '@sqlflow/connector-contract';
import { runTaskOnce, tell, tellOutcome } from '../own-process-task.js';
import type { Address } from '../source/source-fixture.js';
import { addOne } from './counting.js';
import { checkpointAt } from './state-store-bench.js';
import type { StateStoreTask } from './state-store-process.js';

type Open = (endpoint: Address) => StateStore;

runTaskOnce((open: Open, task: StateStoreTask) =>
  task.task === 'count' ? count(open, task) : tellAll(open, task),
);

async function count(
  open: Open,
  { endpoint, name, times }: StateStoreTask & { task: 'count' },
): Promise<number> {
  await using store = open(endpoint);
  for (let time = 0; time < times; time += 1) await addOne(store, name);
  return times;
}

/** Does what can be done with each endpoint. */
async function tellAll(open: Open, { endpoints }: StateStoreTask & { task: 'tell' }): Promise<number> {
  for (const endpoint of endpoints) {
    await using store = open(endpoint);
    tell('state store', store);
    await tellOutcome('load', () => store.load('told'));
    await tellOutcome('save', () => store.save('told', checkpointAt(null), { replaces: 'no such revision' }));
  }
  return 0;
}
