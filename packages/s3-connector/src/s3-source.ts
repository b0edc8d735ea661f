import {
  checkFailure,
  type ConnectionReport,
  connectionReport,
  ConnectorError,
  isTransient,
  type StageMessages,
} from '@sqlflow/connector-contract';
import {
  type Clock,
  exponentialBackoff,
  type Policy,
  type Random,
  retry,
  systemClock,
  systemRandom,
  timeout,
} from '@sqlflow/resilience';
import { decodeRefusal } from './decode/error-document.js';
import { decodeListPage, type ListPage, type ObjectInfo } from './decode/list-page.js';
import { connectionError, refusalError } from './errors.js';
import {
  resolveBucketName,
  type ResolvedS3SourceOptions,
  resolveS3SourceOptions,
  type S3SourceOptions,
} from './options.js';
import { listQuery, type ListQuery } from './plan/list-query.js';
import { type S3Answer, S3Session } from './session/s3-session.js';

export interface ListObjectsOptions {
  /** Only keys that begin with it. @defaultValue '' */
  readonly prefix?: string;
  /** Ends the listing: the iterator throws `signal.reason`, and the connection in use is closed. */
  readonly signal?: AbortSignal;
}

/** Reads one S3-compatible store. Making one connects to nothing; disposing of it closes what it opened. */
export interface S3Source extends AsyncDisposable {
  /**
   * Lists one key of the bucket, as a read would, and says stage by stage how far it came.
   *
   * @throws ConnectorError `connection-refused`, `host-not-found`, `timeout` or `unavailable` if no server answered, after
   * the retries of the options. What a store that answers has to object (a wrong secret, no such bucket) is in the report.
   */
  testConnection(signal?: AbortSignal): Promise<ConnectionReport>;

  /**
   * Lists every object of a bucket, all pages, in the order in which the store lists them: by the bytes of the key in UTF-8.
   * A page is fetched when the one before it is used up. Objects that come or go meanwhile may or may not be listed.
   *
   * @param bucket - @defaultValue the bucket of the options
   * @throws ConnectorError `not-found`, `permission-denied` and others; `closed` after disposal.
   */
  listObjects(bucket?: string, options?: ListObjectsOptions): AsyncIterable<ObjectInfo>;
}

/** What a source takes from the world. Tests hand in their own. */
export interface S3SourceDependencies {
  /** @defaultValue systemClock */
  readonly clock?: Clock;
  /** @defaultValue systemRandom */
  readonly random?: Random;
}

/** @throws ConnectorError `invalid-option` naming each option that is wrong, its value and its range. */
export function s3Source(options: S3SourceOptions, dependencies: S3SourceDependencies = {}): S3Source {
  return new MinioS3Source(resolveS3SourceOptions(options), dependencies);
}

class MinioS3Source implements S3Source {
  readonly #options: ResolvedS3SourceOptions;
  readonly #clock: Clock;
  readonly #session: S3Session;
  readonly #retry: Policy;
  readonly #timeout: Policy;
  readonly #closing = new AbortController();

  constructor(
    options: ResolvedS3SourceOptions,
    { clock = systemClock, random = systemRandom }: S3SourceDependencies,
  ) {
    const { maxAttempts, initialDelayMs, maxDelayMs } = options.retry;
    const backoff = exponentialBackoff({ initialMs: initialDelayMs, maxMs: maxDelayMs, random });
    this.#options = options;
    this.#clock = clock;
    this.#session = new S3Session(options);
    this.#retry = retry({ maxAttempts, backoff, isTransient }, clock);
    this.#timeout = timeout(
      { timeoutMs: options.requestTimeoutMs, error: () => this.#timeoutError() },
      clock,
    );
  }

  async testConnection(signal?: AbortSignal): Promise<ConnectionReport> {
    const { bucket } = this.#options;
    const findings = this.#findings();
    const startMs = this.#clock.nowMs();
    try {
      const { server } = await this.#list(bucket, { prefix: '', maxKeys: 1 }, this.#untilClosed(signal));
      return connectionReport({ findings, server: server ?? 'S3', elapsedMs: this.#clock.nowMs() - startMs });
    } catch (error) {
      const failure = checkFailure(error, 'authentication');
      if (failure === undefined) throw error;
      return connectionReport({ findings, failure, elapsedMs: this.#clock.nowMs() - startMs });
    }
  }

  listObjects(
    bucket = this.#options.bucket,
    { prefix = '', signal }: ListObjectsOptions = {},
  ): AsyncIterable<ObjectInfo> {
    return this.#pages(resolveBucketName(bucket), prefix, this.#untilClosed(signal));
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(
      new ConnectorError('closed', 'this S3 source is closed', { kind: 'terminal', effect: 'none' }),
    );
    this.#session[Symbol.dispose]();
    return Promise.resolve();
  }

  async *#pages(
    bucket: string,
    prefix: string,
    signal: AbortSignal,
  ): AsyncGenerator<ObjectInfo, void, undefined> {
    let query: ListQuery | undefined = { prefix, maxKeys: this.#options.keysPerPage };
    while (query !== undefined) {
      const { page }: { page: ListPage } = await this.#list(bucket, query, signal);
      for (const object of page.objects) {
        signal.throwIfAborted();
        yield object;
      }
      const { continuationToken } = page;
      query = continuationToken === undefined ? undefined : { ...query, continuationToken };
    }
  }

  #list(bucket: string, query: ListQuery, signal: AbortSignal): Promise<{ page: ListPage; server?: string }> {
    return this.#retry(async (attempt) => {
      const { status, body, server } = await this.#timeout(
        (limited) => this.#get(bucket, listQuery(query), limited.signal),
        attempt.signal,
      );
      if (status !== 200) throw refusalError(decodeRefusal(status, body), `bucket "${bucket}"`);
      return { page: decodeListPage(body), ...(server !== undefined && { server }) };
    }, signal);
  }

  async #get(bucket: string, query: string, signal: AbortSignal | undefined): Promise<S3Answer> {
    try {
      return await this.#session.get(bucket, query, signal);
    } catch (error) {
      throw connectionError(error, this.#place());
    }
  }

  #untilClosed(signal: AbortSignal | undefined): AbortSignal {
    return signal ? AbortSignal.any([this.#closing.signal, signal]) : this.#closing.signal;
  }

  #findings(): StageMessages {
    const { bucket, endpoint } = this.#options;
    return {
      options: 'the options are complete',
      dns: `${endpoint.host} has an address`,
      tcp: `port ${String(endpoint.port)} is open`,
      ...(endpoint.useTls && { tls: 'the certificate is trusted' }),
      authentication: 'the store knows the keys',
      container: `bucket "${bucket}" exists`,
      privilege: 'its objects may be listed',
    };
  }

  #timeoutError(): ConnectorError {
    const { requestTimeoutMs } = this.#options;
    const message = `${this.#place()}: no complete answer within requestTimeoutMs, which is ${String(requestTimeoutMs)}`;
    return new ConnectorError('timeout', message, { kind: 'transient', effect: 'none' });
  }

  #place(): string {
    const { host, port } = this.#options.endpoint;
    return `${host}:${String(port)}`;
  }
}
