import { describeIntegration } from '@sqlflow/test-harness';
import {
  postgresSourceFixture,
  sourceConformance,
  type SourceRequirement,
} from '@sqlflow/test-harness/conformance';
import { open } from './child/open-source.js';

/** What is not built yet, as the README says. */
const incremental: readonly SourceRequirement[] = [
  ...([
    'incremental-gives-what-is-new',
    'equal-cursors',
    'cursor-precision',
    'cursor-types',
    'null-cursors',
  ] as const),
  ...([
    'resume-at-every-checkpoint',
    'checkpoint-is-bounded-json',
    'late-commit',
    'concurrent-writers',
    'resumed-reads',
  ] as const),
];

describeIntegration('postgres', 'conformance', { tags: ['slow'] }, () => {
  sourceConformance({
    name: 'postgres-connector',
    open,
    lease: postgresSourceFixture,
    readme: new URL('../../README.md', import.meta.url),
    module: {
      url: new URL('child/open-source.ts', import.meta.url),
      nodeOptions: [
        '--import',
        new URL('../../../../tools/source-loader/register.mjs', import.meta.url).href,
      ],
    },
    expectedFailures: Object.fromEntries(incremental.map((id) => [id, 'the source has no readIncremental'])),
  });
});
