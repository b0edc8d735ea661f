// For users of the connector.
export {
  type KeyEncoding,
  type RedisEndpoint,
  type RedisSourceOptions,
  type RetryLimits,
  type ScanKeysOptions,
} from './options.js';
export { type RedisSource, redisSource, type RedisSourceDependencies } from './redis-source.js';
