import { describeIntegration } from '@sqlflow/test-harness';
import {
  redisSourceFixture,
  sourceConformance,
  type SourceRequirement,
  sourceRequirements,
} from '@sqlflow/test-harness/conformance';
import { open } from './child/open-source.js';

/** What it meets. All else is of streams, which it does not read yet. */
const met: readonly SourceRequirement[] = [
  'connection-report',
  'connection-report-failed-stage',
  'secrets-are-never-shown',
];

describeIntegration('redis', 'conformance', { tags: ['slow'] }, () => {
  sourceConformance({
    name: 'redis-connector',
    open,
    lease: redisSourceFixture,
    readme: new URL('../../README.md', import.meta.url),
    module: {
      url: new URL('child/open-source.ts', import.meta.url),
      nodeOptions: [
        '--import',
        new URL('../../../../tools/source-loader/register.mjs', import.meta.url).href,
      ],
    },
    expectedFailures: Object.fromEntries(
      (Object.keys(sourceRequirements) as SourceRequirement[])
        .filter((id) => !met.includes(id))
        .map((id) => [id, 'the fixture has no streams to be read']),
    ),
  });
});
