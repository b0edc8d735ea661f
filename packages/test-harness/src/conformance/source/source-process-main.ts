import { inspect } from 'node:util';
import { type SourceUnderTest } from './source-bench.js';
import type { Address } from './source-fixture.js';
import type { SourceProcessAnswer, SourceProcessMessage, SourceTask } from './source-process.js';

interface SourceExports {
  readonly open: (endpoint: Address) => SourceUnderTest;
}

process.once('message', (message: SourceProcessMessage) => {
  void run(message).then(answer, (error: unknown) => answer({ failed: inspect(error) }));
});

function answer(what: SourceProcessAnswer): void {
  process.send?.(what);
}

async function run({ module, task }: SourceProcessMessage): Promise<SourceProcessAnswer> {
  const { open } = (await import(module)) as SourceExports;
  const rows = await (task.task === 'read' ? read(open, task) : tellAll(open, task));
  return { rows, peakBytes: 1024 * process.resourceUsage().maxRSS };
}

async function read(open: SourceExports['open'], task: SourceTask & { task: 'read' }): Promise<number> {
  await using source = open(task.endpoint);
  let rows = 0;
  for await (const batch of source.read?.({ name: task.stream }) ?? []) rows += batch.numRows;
  return rows;
}

async function tellAll(
  open: SourceExports['open'],
  { endpoints }: SourceTask & { task: 'tell' },
): Promise<number> {
  for (const endpoint of endpoints) await tell(open, endpoint);
  return 0;
}

/** Does what can be done with an endpoint, and prints all that comes of it as somebody who looks for a fault would. */
async function tell(open: SourceExports['open'], endpoint: Address): Promise<void> {
  await using source = open(endpoint);
  print('source', source);
  await attempt('testConnection', () => source.testConnection());
  await attempt('discover', async () => source.discover?.());
  await attempt('read', async () => {
    for await (const batch of source.read?.({ name: 'no_such_stream' }) ?? []) print('batch', batch.numRows);
  });
}

async function attempt(doing: string, work: () => Promise<unknown>): Promise<void> {
  await work().then(
    (result) => print(doing, result),
    (error: unknown) => print(doing, error),
  );
}

function print(what: string, value: unknown): void {
  const text = inspect(value, { depth: 8, showHidden: true });
  process.stdout.write(`${what} ${text}\n${String(value)}\n${json(value)}\n`);
}

function json(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    return String(error);
  }
}
