import type { RedisEndpoint } from '@sqlflow/service-runtime';
import type { Redis, RedisOptions } from 'ioredis';
import { within } from '../deadline.js';
import { explain, redisCodes } from './explain.js';
import { loadOnce } from './load-once.js';

const loadRedis = loadOnce(() => import('ioredis'));

const connectTimeoutMs = 10_000;

/** One connection to Redis, made once and not again, with a deadline for each command. */
export class RedisSession implements Disposable {
  private constructor(
    private readonly redis: Redis,
    private readonly where: string,
  ) {}

  /** @throws HarnessError `service-unavailable`, `authentication-failed`, `timeout` or `refused`. */
  static async open(endpoint: RedisEndpoint): Promise<RedisSession> {
    const where = `redis at ${endpoint.host}:${String(endpoint.port)}`;
    const redis = await unconnected(endpoint, { retryStrategy: () => null, maxRetriesPerRequest: 0 });
    const session = new RedisSession(redis, where);
    await session.#run('connecting', connectTimeoutMs, () => connect(redis));
    return session;
  }

  /** @throws HarnessError whose `cause` is the answer of Redis. */
  async command(timeoutMs: number, name: string, ...parameters: string[]): Promise<unknown> {
    return this.#run(name, timeoutMs, () => this.redis.call(name, ...parameters));
  }

  /** The same with an answer in bytes: not every key is text, and one that is decoded is another. */
  async commandInBytes(
    timeoutMs: number,
    name: string,
    ...parameters: readonly (string | Buffer)[]
  ): Promise<unknown> {
    return this.#run(name, timeoutMs, () => this.redis.callBuffer(name, ...parameters));
  }

  [Symbol.dispose](): void {
    this.redis.disconnect();
  }

  async #run<T>(doing: string, ms: number, work: () => Promise<T>): Promise<T> {
    try {
      return await within({ what: `${doing} on ${this.where}`, ms }, (signal) => {
        signal.addEventListener('abort', () => {
          this[Symbol.dispose]();
        });
        return work();
      });
    } catch (error) {
      throw explain(error, { doing, where: this.where, codes: redisCodes });
    }
  }
}

type ConnectionOptions = Pick<
  RedisOptions,
  'commandTimeout' | 'connectionName' | 'db' | 'connectTimeout' | 'maxRetriesPerRequest' | 'retryStrategy'
>;

/** A client that has not connected yet. Its connection never keeps the process alive. */
export async function unconnected(endpoint: RedisEndpoint, options: ConnectionOptions): Promise<Redis> {
  // Loaded when it is needed: 0.1 s in every test file that Jest loads, those without a key space included.
  const { Redis } = await loadRedis();
  const redis = new Redis({ ...endpoint, ...options, lazyConnect: true });
  redis.on('connect', () => {
    redis.stream.unref();
  });
  return redis;
}

/** Rejects with what happened to the connection, where `connect` itself only says that it is closed. */
export async function connect(redis: Redis): Promise<void> {
  let reason: unknown;
  // The listener stays: without one, each later break of the connection would be printed to the console.
  redis.on('error', (error: unknown) => {
    reason = error;
  });
  try {
    await redis.connect();
  } catch (error) {
    throw reason ?? error;
  }
}
