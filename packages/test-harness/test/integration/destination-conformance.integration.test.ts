import type { PostgresEndpoint } from '@sqlflow/service-runtime';
import { describeIntegration } from '@sqlflow/test-harness';
import {
  destinationConformance,
  type DestinationRequirement,
  postgresDestinationFixture,
  reportDestinationConformance,
} from '@sqlflow/test-harness/conformance';
import {
  type DestinationDefect,
  furtherDestinationDefects,
  destinationDefects,
} from './reference-destination/defects.js';
import { ReferenceDestination } from './reference-destination/reference-destination.js';

const loader = new URL('../../../../tools/source-loader/register.mjs', import.meta.url).href;

const wrongDestinations = [
  ...Object.entries(destinationDefects).map(([defect, wrong]) => ({ requirement: defect, defect, ...wrong })),
  ...Object.entries(furtherDestinationDefects).map(([defect, wrong]) => ({ defect, ...wrong })),
].map(
  ({ requirement, destination, defect, evidence }) =>
    [requirement as DestinationRequirement, destination, defect as DestinationDefect, evidence] as const,
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
    async (requirement, _, defect, evidence) => {
      const url = new URL(`child/open-reference-destination.ts?${defect}`, import.meta.url);
      const { findings, isAsExpected } = await reportDestinationConformance({
        name: defect,
        open: (endpoint: PostgresEndpoint) => new ReferenceDestination(endpoint, defect),
        lease: postgresDestinationFixture,
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
