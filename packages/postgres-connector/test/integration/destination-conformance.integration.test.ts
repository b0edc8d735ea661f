import { describeIntegration } from '@sqlflow/test-harness';
import { destinationConformance, postgresDestinationFixture } from '@sqlflow/test-harness/conformance';
import { open } from './child/open-destination.js';

describeIntegration('postgres', 'conformance of the destination', { tags: ['slow'] }, () => {
  destinationConformance({
    name: 'postgres-connector',
    open,
    lease: postgresDestinationFixture,
    module: {
      url: new URL('child/open-destination.ts', import.meta.url),
      nodeOptions: [
        '--import',
        new URL('../../../../tools/source-loader/register.mjs', import.meta.url).href,
      ],
    },
  });
});
