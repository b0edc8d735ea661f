import type { PostgresEndpoint } from '@sqlflow/service-runtime';
import { describeIntegration } from '@sqlflow/test-harness';
import {
  stateStoreConformance,
  type StateStoreRequirement,
  postgresStateStoreFixture,
  reportStateStoreConformance,
} from '@sqlflow/test-harness/conformance';
import {
  type StateStoreDefect,
  furtherStateStoreDefects,
  stateStoreDefects,
} from './reference-store/defects.js';
import { ReferenceStore } from './reference-store/reference-store.js';

const loader = new URL('../../../../tools/source-loader/register.mjs', import.meta.url).href;

const wrongStores = [
  ...Object.entries(stateStoreDefects).map(([defect, wrong]) => ({ requirement: defect, defect, ...wrong })),
  ...Object.entries(furtherStateStoreDefects).map(([defect, wrong]) => ({ defect, ...wrong })),
].map(
  ({ requirement, store, defect, evidence }) =>
    [requirement as StateStoreRequirement, store, defect as StateStoreDefect, evidence] as const,
);

describeIntegration('postgres', 'the state store suite', { tags: ['slow'] }, () => {
  stateStoreConformance({
    name: 'the reference',
    open: (endpoint: PostgresEndpoint) => new ReferenceStore(endpoint),
    lease: postgresStateStoreFixture,
    module: {
      url: new URL('child/open-reference-store.ts', import.meta.url),
      nodeOptions: ['--import', loader],
    },
  });

  test.each(wrongStores)(
    'finds by %s a state store that %s',
    async (requirement, _, defect, evidence) => {
      const url = new URL(`child/open-reference-store.ts?${defect}`, import.meta.url);
      const { findings, isAsExpected } = await reportStateStoreConformance({
        name: defect,
        open: (endpoint: PostgresEndpoint) => new ReferenceStore(endpoint, defect),
        lease: postgresStateStoreFixture,
        module: { url, nodeOptions: ['--import', loader] },
        only: [requirement],
      });
      expect(findings).toEqual([
        expect.objectContaining({
          requirement,
          verdict: 'failed',
          evidence: expect.stringMatching(evidence),
        }),
      ]);
      expect(isAsExpected).toBe(false);
    },
    120_000,
  );
});
