import {
  checkFailure,
  type ConnectionReport,
  connectionReport,
  ConnectorError,
  isTransient,
  type StageMessages,
} from '@sqlflow/connector-contract';
import {
  type Backoff,
  type Clock,
  exponentialBackoff,
  type Policy,
  type Random,
  retry,
  systemClock,
  systemRandom,
} from '@sqlflow/resilience';
import { decodeScanReply, type ScanStep } from './decode/scan-reply.js';
import { decodeServerName } from './decode/server-name.js';
import {
  type RedisSourceOptions,
  type ResolvedRedisSourceOptions,
  type ResolvedScanKeysOptions,
  resolveRedisSourceOptions,
  resolveScanKeysOptions,
  type ScanKeysOptions,
} from './options.js';
import { handshake } from './plan/handshake.js';
import { scanCommand, scanOrigin } from './plan/scan-command.js';
import { RedisConnection } from './session/redis-connection.js';

/** Reads one Redis server. Making one connects to nothing; disposing of it closes what it opened. */
export interface RedisSource extends AsyncDisposable {
  /**
   * Connects and scans as a read would, and says stage by stage how far it came.
   *
   * @throws ConnectorError `connection-refused`, `host-not-found`, `timeout` or `unavailable` if no server answered, or one
   * that is still loading, after the retries of the options. What a server that answers has to object (a wrong password,
   * no such database) is in the report.
   */
  testConnection(signal?: AbortSignal): Promise<ConnectionReport>;

  /**
   * Scans the keys of the database to the end, in batches, in no order. What Redis' SCAN guarantees holds: a key that is
   * there from the beginning to the end of the scan is given at least once, and may be given again; one that comes or goes
   * meanwhile may or may not be given. No batch is empty. The next one is asked for when this one is used up.
   *
   * The scan has a connection of its own. If that is lost after the first batch the scan fails with `connection-lost`:
   * the server that answers next may be another one, to which the cursor means nothing.
   *
   * @throws ConnectorError `invalid-option` at once; others, `closed` after disposal among them, from the iterator.
   */
  scanKeys(options?: ScanKeysOptions): AsyncIterable<string[]>;
}

/** What a source takes from the world. Tests hand in their own. */
export interface RedisSourceDependencies {
  /** @defaultValue systemClock */
  readonly clock?: Clock;
  /** @defaultValue systemRandom */
  readonly random?: Random;
}

/** @throws ConnectorError `invalid-option` naming each option that is wrong, its value and its range. */
export function redisSource(
  options: RedisSourceOptions,
  dependencies: RedisSourceDependencies = {},
): RedisSource {
  return new IoredisSource(resolveRedisSourceOptions(options), dependencies);
}

/** A scan that has begun: its connection, and what its first step found. */
interface BegunScan {
  readonly connection: RedisConnection;
  readonly first: ScanStep;
}

class IoredisSource implements RedisSource {
  readonly #options: ResolvedRedisSourceOptions;
  readonly #clock: Clock;
  readonly #backoff: Backoff;
  readonly #connections = new Set<RedisConnection>();
  readonly #closing = new AbortController();

  constructor(
    options: ResolvedRedisSourceOptions,
    { clock = systemClock, random = systemRandom }: RedisSourceDependencies,
  ) {
    const { initialDelayMs, maxDelayMs } = options.retry;
    this.#options = options;
    this.#clock = clock;
    this.#backoff = exponentialBackoff({ initialMs: initialDelayMs, maxMs: maxDelayMs, random });
  }

  async testConnection(signal?: AbortSignal): Promise<ConnectionReport> {
    const startMs = this.#clock.nowMs();
    const findings = this.#findings();
    try {
      const server = await this.#tryScan(this.#untilClosed(signal));
      return connectionReport({ findings, server, elapsedMs: this.#clock.nowMs() - startMs });
    } catch (error) {
      const failure = checkFailure(error, 'authentication');
      if (failure === undefined) throw error;
      return connectionReport({ findings, failure, elapsedMs: this.#clock.nowMs() - startMs });
    }
  }

  scanKeys(options: ScanKeysOptions = {}): AsyncIterable<string[]> {
    const resolved = resolveScanKeysOptions(options);
    return this.#scan(resolved, this.#untilClosed(resolved.signal));
  }

  [Symbol.asyncDispose](): Promise<void> {
    const message = 'this Redis source is closed';
    this.#closing.abort(new ConnectorError('closed', message, { kind: 'terminal', effect: 'none' }));
    for (const connection of this.#connections) this.#close(connection);
    return Promise.resolve();
  }

  async *#scan(
    scan: ResolvedScanKeysOptions,
    signal: AbortSignal,
  ): AsyncGenerator<string[], void, undefined> {
    const { connection, first } = await this.#begin(scan, signal);
    try {
      let { cursor, keys } = first;
      for (;;) {
        if (keys.length > 0) yield keys;
        signal.throwIfAborted();
        if (cursor === scanOrigin) return;
        ({ cursor, keys } = await this.#continue(connection, cursor, scan, signal));
      }
    } finally {
      this.#close(connection);
    }
  }

  /** Connects and takes the first step of a scan. Nothing has been handed out yet, so all of it may be tried again. */
  #begin(scan: ResolvedScanKeysOptions, signal: AbortSignal): Promise<BegunScan> {
    return this.#retry(isTransient)(async (attempt) => {
      const connection = new RedisConnection(this.#options, this.#clock);
      this.#connections.add(connection);
      try {
        await connection.connect(attempt.signal);
        for (const command of handshake(this.#options)) await connection.command(command, attempt.signal);
        return { connection, first: await step(connection, scanOrigin, scan, attempt.signal) };
      } catch (error) {
        this.#close(connection);
        throw error;
      }
    }, signal);
  }

  /** Takes a further step. A reply such as LOADING may be asked for again, but only of the server that gave the cursor. */
  #continue(
    connection: RedisConnection,
    cursor: string,
    scan: ResolvedScanKeysOptions,
    signal: AbortSignal,
  ): Promise<ScanStep> {
    const policy = this.#retry((error) => isTransient(error) && connection.isOpen);
    return policy((attempt) => step(connection, cursor, scan, attempt.signal), signal);
  }

  /** @returns What runs there, if these credentials may ask for it. */
  async #tryScan(signal: AbortSignal): Promise<string | undefined> {
    const { connection } = await this.#begin(smallestScan, signal);
    try {
      return decodeServerName(await connection.command(['INFO', 'server'], signal));
    } catch (error) {
      if (error instanceof ConnectorError && error.code === 'permission-denied') return undefined;
      throw error;
    } finally {
      this.#close(connection);
    }
  }

  #retry(mayTryAgain: (error: unknown) => boolean): Policy {
    const { maxAttempts } = this.#options.retry;
    return retry({ maxAttempts, backoff: this.#backoff, isTransient: mayTryAgain }, this.#clock);
  }

  #close(connection: RedisConnection): void {
    connection[Symbol.dispose]();
    this.#connections.delete(connection);
  }

  #untilClosed(signal: AbortSignal | undefined): AbortSignal {
    return signal ? AbortSignal.any([this.#closing.signal, signal]) : this.#closing.signal;
  }

  #findings(): StageMessages {
    const { endpoint, username, password, database } = this.#options;
    return {
      options: 'the options are complete',
      dns: `${endpoint.host} has an address`,
      tcp: `port ${String(endpoint.port)} is open`,
      ...(endpoint.useTls && { tls: 'the certificate is trusted' }),
      authentication: password
        ? `the password of user "${username ?? 'default'}" is right`
        : 'no password is needed',
      container: `database ${String(database)} exists`,
      privilege: 'its keys may be scanned',
    };
  }
}

/** For a test of the connection, which must not fail for the bytes of a key. */
const smallestScan = resolveScanKeysOptions({ count: 1, encoding: 'latin1' });

async function step(
  connection: RedisConnection,
  cursor: string,
  scan: ResolvedScanKeysOptions,
  signal: AbortSignal | undefined,
): Promise<ScanStep> {
  return decodeScanReply(await connection.command(scanCommand(cursor, scan), signal), scan.encoding);
}
