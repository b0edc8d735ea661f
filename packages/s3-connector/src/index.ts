// For users of the connector.
export { type ObjectInfo } from './decode/list-page.js';
export { type S3Endpoint, type S3SourceOptions } from './options.js';
export { type ListObjectsOptions, type S3Source, s3Source, type S3SourceDependencies } from './s3-source.js';
export { type RetryLimits } from '@sqlflow/connector-contract';
