import type { PostgresEndpoint } from '@sqlflow/service-runtime';
import { describeIntegration } from '@sqlflow/test-harness';
import {
  postgresSourceFixture,
  reportSourceConformance,
  soakSource,
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

/** Stops at the first schedule that finds something. */
const soaked = (most: number, defect?: SourceDefect) =>
  soakSource({
    open: (endpoint: PostgresEndpoint) => new ReferenceSource(endpoint, defect),
    lease: postgresSourceFixture,
    seed: 20,
    goOn: ({ schedules, failedSeeds }) => failedSeeds.length === 0 && schedules < most,
  });

describeIntegration('postgres', 'a soak', { tags: ['slow'] }, () => {
  test('of a right source finds nothing lost or repeated, though its reads are broken', async () => {
    const { schedules, rows, brokenReads, ...found } = await soaked(8);
    expect({ schedules, ...found }).toMatchObject({
      schedules: 8,
      lost: 0,
      repeated: 0,
      strange: 0,
      failedSeeds: [],
    });
    expect(rows).toBeGreaterThan(0);
    expect(brokenReads).toBeGreaterThan(0);
  }, 120_000);

  test('of a source that looks at cursors alone finds what it loses, and the seed of the schedule', async () => {
    expect(await soaked(50, 'late-commit')).toMatchObject({
      lost: expect.any(Number),
      failedSeeds: [expect.any(Number)],
    });
  }, 120_000);

  test('of a source that begins again by itself finds what it repeats', async () => {
    const { repeated } = await soaked(50, 'resumed-reads');
    expect(repeated).toBeGreaterThan(0);
  }, 120_000);
});
