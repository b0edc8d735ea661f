import { runTaskOnce, tell, tellOutcome } from '../own-process-task.js';
import { type SourceUnderTest } from './source-bench.js';
import type { Address } from './source-fixture.js';
import type { SourceTask } from './source-process.js';

type Open = (endpoint: Address) => SourceUnderTest;

runTaskOnce((open: Open, task: SourceTask) =>
  task.task === 'read' ? read(open, task) : tellAll(open, task),
);

async function read(open: Open, { endpoint, stream }: SourceTask & { task: 'read' }): Promise<number> {
  await using source = open(endpoint);
  let rows = 0;
  for await (const batch of source.read?.({ name: stream }) ?? []) rows += batch.numRows;
  return rows;
}

/** Does what can be done with each endpoint. */
async function tellAll(open: Open, { endpoints }: SourceTask & { task: 'tell' }): Promise<number> {
  for (const endpoint of endpoints) {
    await using source = open(endpoint);
    tell('source', source);
    await tellOutcome('testConnection', () => source.testConnection());
    await tellOutcome('discover', async () => source.discover?.());
    await tellOutcome('read', async () => {
      for await (const batch of source.read?.({ name: 'no_such_stream' }) ?? []) tell('batch', batch.numRows);
    });
  }
  return 0;
}
