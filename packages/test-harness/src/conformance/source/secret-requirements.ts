import type { Requirement } from '../requirement.js';
import { requireNoSecret, requireNoSecretShown } from '../secret-search.js';
import type { SourceBench } from './source-bench.js';
import { inSourceProcess } from './source-process.js';

const secrets: Requirement<SourceBench> = {
  title: 'passwords and keys show up nowhere: in no report, error, output or argument, whatever fails',
  answers: ['airbyte#3177', 'airbyte#16836'],
  check: async (bench) => {
    const { fixture, open, signal } = bench;
    const endpoints = [fixture.endpoint, ...fixture.failing.map(({ endpoint }) => endpoint)];
    let texts = 0;
    for (const endpoint of endpoints) {
      const source = open(endpoint);
      texts += requireNoSecretShown(fixture.secrets, [
        source,
        await source.testConnection(signal).catch((error: unknown) => error),
        await source.discover?.(signal).catch((error: unknown) => error),
      ]);
    }
    return await inSourceProcess(bench, async (run) => {
      const { output } = await run({ task: 'tell', endpoints });
      requireNoSecret(fixture.secrets, output, 'by a process of its own');
      return `${String(texts)} texts, and ${String(output.length)} characters of output and arguments of a process`;
    });
  },
};

export const secretRequirements = { 'secrets-are-never-shown': secrets } as const;
