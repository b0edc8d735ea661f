import type { Requirement } from '../requirement.js';
import { requireNoSecret, requireNoSecretShown } from '../secret-search.js';
import { checkpointAt, type StateStoreBench } from './state-store-bench.js';
import { inStateStoreProcess } from './state-store-process.js';

const secrets: Requirement<StateStoreBench> = {
  title: 'passwords and keys show up nowhere: in no error, output or argument, whatever fails',
  answers: ['airbyte#3177', 'airbyte#16836'],
  check: async (bench) => {
    const { fixture, open, signal } = bench;
    const endpoints = [fixture.endpoint, ...fixture.failing.map(({ endpoint }) => endpoint)];
    let texts = 0;
    for (const endpoint of endpoints) {
      const store = open(endpoint);
      const save = store.save('told', checkpointAt(null), { replaces: 'no such revision', signal });
      texts += requireNoSecretShown(fixture.secrets, [
        store,
        await save.catch((error: unknown) => error),
        await store.load('told', signal).catch((error: unknown) => error),
      ]);
    }
    return await inStateStoreProcess(bench, async (run) => {
      const { output } = await run({ task: 'tell', endpoints });
      requireNoSecret(fixture.secrets, output, 'by a process of its own');
      return `${texts} texts, and ${output.length} characters of output and arguments of a process`;
    });
  },
};

export const secretRequirements = { 'secrets-are-never-shown': secrets } as const;
