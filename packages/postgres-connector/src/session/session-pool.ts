import { ConnectorError } from '@sqlflow/connector-contract';
import { type Bulkhead, bulkhead, type Clock, ResilienceError, timeout } from '@sqlflow/resilience';
import { Pool } from 'pg';
import type { ConnectionSettings } from './connection-settings.js';
import { Session } from './session.js';
import { SessionClient } from './session-client.js';

const goodbyeMs = 5_000;

/** The connections of one source: made when needed, kept for a while, never more than the limit. */
export class SessionPool {
  readonly #pool: Pool;
  readonly #line: Bulkhead;
  /** Those that are not closed yet, those that are being made among them. */
  readonly #clients = new Set<SessionClient>();
  #ended: Promise<void> | undefined;

  constructor(
    readonly settings: ConnectionSettings,
    readonly clock: Clock,
  ) {
    const clients = this.#clients;
    const { maxConnections, maxWaiting } = settings;
    this.#line = bulkhead({ maxConcurrent: maxConnections, maxQueue: maxWaiting }, clock);
    this.#pool = new Pool({
      max: settings.maxConnections,
      // An idle connection does not keep a process alive that has nothing else to do.
      allowExitOnIdle: true,
      Client: class extends SessionClient {
        constructor() {
          super(settings, clock);
          clients.add(this);
          this.once('end', () => clients.delete(this));
        }
      },
    });
    // An idle connection that breaks is dropped from the pool; without a listener it would end the process.
    this.#pool.on('error', () => undefined);
  }

  /**
   * Takes a connection, which the caller gives back or closes. First come, first served; who is aborted leaves the line.
   *
   * @throws ConnectorError `timeout` if none becomes free in time, `unavailable` if too many wait for one, or what
   * connecting threw.
   * @throws `signal.reason` if `signal` aborts first.
   */
  async borrow(signal?: AbortSignal): Promise<Session> {
    const { acquireTimeoutMs, connectTimeoutMs, maxConnections } = this.settings;
    const limited = timeout(
      {
        timeoutMs: acquireTimeoutMs + connectTimeoutMs,
        error: () =>
          new ConnectorError(
            'timeout',
            `all ${String(maxConnections)} connections (maxConnections) were in use for ` +
              `${String(acquireTimeoutMs)} ms (acquireTimeoutMs)`,
            { kind: 'transient', effect: 'none' },
          ),
      },
      this.clock,
    );
    return limited((attempt) => this.#take(attempt.signal), signal);
  }

  /** Takes a place, and a connection for it. The place is free when the connection is given back, or has been closed. */
  #take(signal: AbortSignal | undefined): Promise<Session> {
    return new Promise((resolve, reject) => {
      this.#line(async () => {
        const client = await this.#pool.connect();
        if (!(client instanceof SessionClient))
          throw new TypeError('the pool made a client of another class');
        if (signal?.aborted === true) {
          client.release();
          throw signal.reason;
        }
        await new Promise<void>((free) => {
          const release = async (destroy: boolean): Promise<void> => {
            client.release(destroy);
            if (destroy) await this.#gone(client);
            free();
          };
          resolve(new Session(client, release, this.settings, this.clock));
        });
      }, signal).catch((error: unknown) => {
        reject(error instanceof ResilienceError ? this.#lineIsFull(error) : error);
      });
    });
  }

  #lineIsFull(cause: ResilienceError): ConnectorError {
    const { maxConnections, maxWaiting } = this.settings;
    return new ConnectorError(
      'unavailable',
      `all ${String(maxConnections)} connections (maxConnections) are in use, and ${String(maxWaiting)} calls ` +
        'wait for one (maxWaiting)',
      { kind: 'transient', effect: 'none', cause },
    );
  }

  /** Resolves when the server has taken leave of a connection that is being closed. Without an answer it is broken off. */
  async #gone(client: SessionClient): Promise<void> {
    if (!this.#clients.has(client)) return;
    const ended = new Promise((resolve) => client.once('end', resolve));
    const limited = timeout({ timeoutMs: goodbyeMs, error: () => undefined }, this.clock);
    await limited(() => ended).catch(() => {
      client.destroy();
    });
  }

  /** Closes all connections. Those that are in use are closed when they come back. */
  end(): Promise<void> {
    this.#ended ??= this.#end();
    return this.#ended;
  }

  async #end(): Promise<void> {
    const clients = [...this.#clients];
    const gone = clients.map((client) => new Promise((resolve) => client.once('end', resolve)));
    for (const client of clients) if (!client.isConnected) client.destroy();
    const ended = Promise.all([this.#pool.end(), ...gone]);
    const limited = timeout({ timeoutMs: goodbyeMs, error: () => undefined }, this.clock);
    await limited(() => ended).catch(() => {
      for (const client of this.#clients) client.destroy();
    });
  }
}
