import { runTaskOnce, tell, tellOutcome } from '../own-process-task.js';
import type { Address } from '../source/source-fixture.js';
import { batchesOf } from './batches.js';
import type { DestinationUnderTest } from './destination-bench.js';
import type { DestinationTask } from './destination-process.js';
import { eventRows, eventStream } from './event-stream.js';
import { largeBatches } from './large-batches.js';

type Open = (endpoint: Address) => DestinationUnderTest;

runTaskOnce((open: Open, task: DestinationTask) =>
  task.task === 'write' ? write(open, task) : tellAll(open, task),
);

async function write(
  open: Open,
  { endpoint, stream, batches }: DestinationTask & { task: 'write' },
): Promise<number> {
  await using destination = open(endpoint);
  const report = await destination.write?.(stream, largeBatches(stream, batches), { mode: 'append' });
  return report?.rows ?? 0;
}

/** Does what can be done with each endpoint. */
async function tellAll(open: Open, { endpoints }: DestinationTask & { task: 'tell' }): Promise<number> {
  const stream = eventStream('no_such_stream');
  const batches = batchesOf(stream, eventRows(1, 1), 1);
  for (const endpoint of endpoints) {
    await using destination = open(endpoint);
    tell('destination', destination);
    await tellOutcome('testConnection', () => destination.testConnection());
    await tellOutcome('write', async () => destination.write?.(stream, batches, { mode: 'append' }));
    await tellOutcome('committedCheckpoint', async () => destination.committedCheckpoint?.(stream));
  }
  return 0;
}
