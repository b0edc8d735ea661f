import type { Requirement } from '../requirement.js';
import { requireNoSecret, requireNoSecretShown } from '../secret-search.js';
import { batchesOf } from './batches.js';
import type { DestinationBench } from './destination-bench.js';
import { inDestinationProcess } from './destination-process.js';
import { eventRows, eventStream } from './event-stream.js';

const secrets: Requirement<DestinationBench> = {
  title: 'passwords and keys show up nowhere: in no report, error, output or argument, whatever fails',
  answers: ['airbyte#3177', 'airbyte#16836'],
  check: async (bench) => {
    const { fixture, open, signal } = bench;
    const endpoints = [fixture.endpoint, ...fixture.failing.map(({ endpoint }) => endpoint)];
    const stream = eventStream('no_such_stream');
    const batches = batchesOf(stream, eventRows(1, 1), 1);
    const told = async (value: Promise<unknown> | undefined): Promise<unknown> =>
      value?.catch((error: unknown) => error);
    let texts = 0;
    for (const endpoint of endpoints) {
      const destination = open(endpoint);
      texts += requireNoSecretShown(fixture.secrets, [
        destination,
        await told(destination.testConnection(signal)),
        await told(destination.write?.(stream, batches, { mode: 'append', signal })),
        await told(destination.committedCheckpoint?.(stream, signal)),
      ]);
    }
    return await inDestinationProcess(bench, async (run) => {
      const { output } = await run({ task: 'tell', endpoints });
      requireNoSecret(fixture.secrets, output, 'by a process of its own');
      return `${texts} texts, and ${output.length} characters of output and arguments of a process`;
    });
  },
};

export const secretRequirements = { 'secrets-are-never-shown': secrets } as const;
