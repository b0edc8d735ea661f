import { describeIntegration } from '@sqlflow/test-harness';
import { postgresSourceFixture, sourceConformance } from '@sqlflow/test-harness/conformance';
import { open } from './child/open-source.js';

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
  });
});
