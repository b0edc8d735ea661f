import { isIP, type Socket } from 'node:net';
import { errorCodeOf } from '@sqlflow/connector-contract';
import { type Clock, type Policy, timeout } from '@sqlflow/resilience';
import { Redis } from 'ioredis';
import { connectionError, protocolError, replyError, timeoutError } from '../errors.js';
import type { ResolvedRedisSourceOptions } from '../options.js';
import type { RedisCommand } from '../plan/scan-command.js';

/**
 * One connection, which never reconnects by itself: who uses it must know when the server may be another one.
 * Any failure other than an error reply closes it.
 */
export class RedisConnection implements Disposable {
  readonly #client: Redis;
  readonly #place: string;
  readonly #connecting: Policy;
  readonly #commanding: Policy;
  /** What the system said, which ioredis tells only as an event. */
  #lastError: unknown;
  #isOpen = true;

  constructor(options: ResolvedRedisSourceOptions, clock: Clock) {
    const { endpoint, certificateAuthority, connectTimeoutMs, commandTimeoutMs } = options;
    const place = `${endpoint.host}:${String(endpoint.port)}`;
    this.#place = place;
    this.#connecting = timeout(
      {
        timeoutMs: connectTimeoutMs,
        error: () => timeoutError(`${place}: not connected`, 'connectTimeoutMs', connectTimeoutMs),
      },
      clock,
    );
    this.#commanding = timeout(
      {
        timeoutMs: commandTimeoutMs,
        error: () => timeoutError(`${place}: no reply`, 'commandTimeoutMs', commandTimeoutMs),
      },
      clock,
    );
    this.#client = new Redis({
      host: endpoint.host,
      port: endpoint.port,
      ...(endpoint.useTls && {
        tls: {
          // Tells the server which name is meant. The certificate is checked against the host in any case.
          ...(isIP(endpoint.host) === 0 && { servername: endpoint.host }),
          ...(certificateAuthority !== undefined && { ca: certificateAuthority }),
        },
      }),
      lazyConnect: true,
      connectTimeout: 0, // the deadlines are ours
      retryStrategy: () => null,
      enableOfflineQueue: false,
      // Its own greeting is switched off: it would hold the password, and print warnings of its own.
      protocol: 2,
      enableReadyCheck: false,
      disableClientInfo: true,
    });
    this.#client.on('error', (error) => {
      this.#lastError = error;
    });
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** @throws ConnectorError as `connectionError` classifies it. */
  async connect(signal: AbortSignal | undefined): Promise<void> {
    try {
      await this.#connecting(() => this.#client.connect(), signal);
    } catch (error) {
      throw this.#failure(error, signal);
    }
  }

  /**
   * @returns The reply, its texts as buffers.
   * @throws ConnectorError as `replyError` or `connectionError` classify it.
   */
  async command([name, ...args]: RedisCommand, signal: AbortSignal | undefined): Promise<unknown> {
    try {
      return await this.#commanding(() => this.#client.callBuffer(name, args), signal);
    } catch (error) {
      if (error instanceof Error && error.name === 'ReplyError') throw replyError(error, name);
      throw this.#failure(error, signal);
    }
  }

  /** Closes the connection at once. What waits for a reply fails. */
  [Symbol.dispose](): void {
    this.#isOpen = false;
    // At its end there is nothing left to disconnect, and ioredis would keep a timer of two seconds for it.
    if (this.#client.status !== 'end') this.#client.disconnect();
    // Otherwise ioredis waits for the server to close its side. There is no socket before the first connect.
    (this.#client.stream as Socket | undefined)?.destroy();
  }

  #failure(error: unknown, signal: AbortSignal | undefined): unknown {
    this[Symbol.dispose]();
    if (signal?.aborted) return signal.reason;
    if (errorCodeOf(error) !== undefined) return connectionError(error, this.#place);
    // ioredis fails what it could not finish with a bare Error of its own; the reason, if there is one, came as an
    // event. Only what it could not parse comes in both ways.
    if (error === this.#lastError) {
      return protocolError(`${this.#place} does not speak the protocol of Redis`, error);
    }
    return connectionError(this.#lastError ?? error, this.#place);
  }
}
