import { type S3Source, s3Source } from '@sqlflow/s3-connector';
import type { BucketEndpoint } from '@sqlflow/test-harness/conformance';

export function open({ host, port, useTls, region, bucket, accessKey, secretKey }: BucketEndpoint): S3Source {
  return s3Source({ endpoint: { host, port, useTls }, region, bucket, accessKey, secretKey });
}
