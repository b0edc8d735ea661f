import { randomBytes } from 'node:crypto';
import type { ObjectStoreEndpoint } from '@sqlflow/service-runtime';
import { leaseBucket } from '../../lease/bucket.js';
import { closedPort } from '../closed-port.js';
import type { FailingEndpoint, SourceFixture } from '../source/source-fixture.js';

/** Where a bucket is. */
export interface BucketEndpoint extends ObjectStoreEndpoint {
  readonly bucket: string;
}

/** A private bucket in the store that `TEST_S3_*` or `TEST_MINIO_*` name. It has no streams yet, only what a connection needs. */
export async function objectStoreSourceFixture(): Promise<SourceFixture<BucketEndpoint>> {
  const lease = await leaseBucket();
  const endpoint: BucketEndpoint = { ...lease.endpoint, bucket: lease.name };
  const wrong = `canary-${randomBytes(12).toString('hex')}`;
  const failing: FailingEndpoint<BucketEndpoint>[] = [
    { stage: 'dns', code: 'host-not-found', endpoint: { ...endpoint, host: 'no-such-host.invalid' } },
    { stage: 'tcp', code: 'connection-refused', endpoint: { ...endpoint, port: await closedPort() } },
    {
      stage: 'authentication',
      code: 'authentication-failed',
      endpoint: { ...endpoint, secretKey: wrong },
    },
    { stage: 'container', code: 'not-found', endpoint: { ...endpoint, bucket: `${lease.name}-not` } },
  ];
  // Stores that were started for tests have a key that is also the name of the account, which may be shown.
  const { accessKey, secretKey } = endpoint;
  return {
    endpoint,
    secrets: accessKey === secretKey ? [wrong] : [wrong, secretKey],
    failing,
    [Symbol.asyncDispose]: () => lease[Symbol.asyncDispose](),
  };
}
