// For users of the connector.
export {
  type KeyEncoding,
  type RedisEndpoint,
  type RedisSourceOptions,
  type ScanKeysOptions,
} from './options.js';
export { type RedisSource, redisSource, type RedisSourceDependencies } from './redis-source.js';
export { type RetryLimits } from '@sqlflow/connector-contract';
