import type { PostgresEndpoint } from '@sqlflow/service-runtime';
import { describeIntegration } from '@sqlflow/test-harness';
import {
  postgresSourceFixture,
  reportSourceConformance,
  sourceConformance,
} from '@sqlflow/test-harness/conformance';
import { type SourceDefect, sourceDefects } from './reference/defects.js';
import { ReferenceSource } from './reference/reference-source.js';

const loader = new URL('../../../../tools/source-loader/register.mjs', import.meta.url).href;

const wrongSources = Object.entries(sourceDefects).map(
  ([defect, { source, evidence }]) => [defect as SourceDefect, source, evidence] as const,
);

describeIntegration('postgres', 'the source suite', { tags: ['slow'] }, () => {
  sourceConformance({
    name: 'the reference',
    open: (endpoint: PostgresEndpoint) => new ReferenceSource(endpoint),
    lease: postgresSourceFixture,
    module: { url: new URL('child/open-reference.ts', import.meta.url), nodeOptions: ['--import', loader] },
  });

  test.each(wrongSources)(
    'finds by %s a source that %s',
    async (defect, _, evidence) => {
      const url = new URL(`child/open-reference.ts?${defect}`, import.meta.url);
      const { findings, isAsExpected } = await reportSourceConformance({
        name: defect,
        open: (endpoint: PostgresEndpoint) => new ReferenceSource(endpoint, defect),
        lease: postgresSourceFixture,
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
