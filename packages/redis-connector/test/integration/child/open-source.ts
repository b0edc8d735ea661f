import { type RedisSource, redisSource } from '@sqlflow/redis-connector';
import type { KeysEndpoint } from '@sqlflow/test-harness/conformance';

export function open({ host, port, keysOf, ...account }: KeysEndpoint): RedisSource {
  return redisSource({ endpoint: { host, port }, database: keysOf, ...account });
}
