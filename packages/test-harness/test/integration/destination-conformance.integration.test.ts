import type { PostgresEndpoint } from '@sqlflow/service-runtime';
import { describeIntegration } from '@sqlflow/test-harness';
import {
  destinationConformance,
  postgresDestinationFixture,
  reportDestinationConformance,
} from '@sqlflow/test-harness/conformance';
import { type DestinationDefect, destinationDefects } from './reference-destination/defects.js';
import { ReferenceDestination } from './reference-destination/reference-destination.js';

const loader = new URL('../../../../tools/source-loader/register.mjs', import.meta.url).href;

const wrongDestinations = Object.entries(destinationDefects).map(
  ([defect, { destination, evidence }]) => [defect as DestinationDefect, destination, evidence] as const,
);

describeIntegration('postgres', 'the destination suite', { tags: ['slow'] }, () => {
  destinationConformance({
    name: 'the reference',
    open: (endpoint: PostgresEndpoint) => new ReferenceDestination(endpoint),
    lease: postgresDestinationFixture,
    module: {
      url: new URL('child/open-reference-destination.ts', import.meta.url),
      nodeOptions: ['--import', loader],
    },
  });

  test.each(wrongDestinations)(
    'finds by %s a destination that %s',
    async (defect, _, evidence) => {
      const url = new URL(`child/open-reference-destination.ts?${defect}`, import.meta.url);
      const { findings, isAsExpected } = await reportDestinationConformance({
        name: defect,
        open: (endpoint: PostgresEndpoint) => new ReferenceDestination(endpoint, defect),
        lease: postgresDestinationFixture,
        module: { url, nodeOptions: ['--import', loader] },
        only: [defect],
      });
      expect(findings).toEqual([
        expect.objectContaining({
          requirement: defect,
          verdict: 'failed',
          evidence: expect.stringMatching(evidence),
        }),
      ]);
      expect(isAsExpected).toBe(false);
    },
    120_000,
  );
});
