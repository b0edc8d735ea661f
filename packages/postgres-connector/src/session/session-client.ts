import { type ConnectionStage, ConnectorError } from '@sqlflow/connector-contract';
import type { Clock } from '@sqlflow/resilience';
import { isIP, Socket } from 'node:net';
import { Client } from 'pg';
import { toConnectorError } from '../errors.js';
import { addressText, type ConnectionSettings, tlsOptionsOf } from './connection-settings.js';
import { explainTls, tlsError } from './tls-failure.js';

type Connected = (error: Error | null, client?: unknown) => void;

/**
 * A client of `pg` that knows how far its connection came, has a deadline for it, and fails with a `ConnectorError`.
 */
export class SessionClient extends Client {
  /** The stage that is being tried, or that failed. */
  stage: ConnectionStage;
  readonly #settings: ConnectionSettings;
  readonly #clock: Clock;
  readonly #socket: Socket;
  #timedOut = false;
  #tlsAnswer: number | undefined;
  #closedByServer = false;

  constructor(settings: ConnectionSettings, clock: Clock) {
    const socket = new Socket();
    super({
      host: settings.host,
      port: settings.port,
      database: settings.database,
      user: settings.user,
      // A function, and a value for everything that pg would otherwise look up in the environment.
      password: () => settings.password.reveal(),
      ssl: settings.tls.mode === 'disable' ? false : tlsOptionsOf(settings.tls),
      sslnegotiation: 'postgres',
      application_name: settings.applicationName,
      keepAlive: true,
      keepAliveInitialDelayMillis: 30_000,
      stream: () => socket,
    });
    this.#settings = settings;
    this.#clock = clock;
    this.#socket = socket;
    this.stage = settings.host.startsWith('/') || isIP(settings.host) !== 0 ? 'tcp' : 'dns';
    this.#followStages();
  }

  /** The process that serves this connection, and what it takes to cancel what that does. */
  get backendKey(): { readonly processId: number; readonly secret: number } | undefined {
    const processId: unknown = Reflect.get(this, 'processID');
    const secret: unknown = Reflect.get(this, 'secretKey');
    return typeof processId === 'number' && typeof secret === 'number' ? { processId, secret } : undefined;
  }

  get isConnected(): boolean {
    return this.stage === 'privilege';
  }

  override connect(): Promise<Client>;
  override connect(callback: Connected): void;
  override connect(callback?: Connected): Promise<Client> | undefined {
    if (callback !== undefined) {
      this.#connect(callback);
      return undefined;
    }
    return new Promise((resolve, reject) => {
      this.#connect((error) => {
        if (error === null) resolve(this);
        else reject(error);
      });
    });
  }

  /**
   * Aborts when the query that is submitted next is over for the server too, or the connection is. An error comes
   * before that: the server tells of it while it still clears up.
   */
  endOfNextQuery(): AbortSignal {
    const ended = new AbortController();
    const end = (): void => {
      this.off('drain', end);
      this.off('end', end);
      ended.abort();
    };
    this.on('drain', end);
    this.on('end', end);
    return ended.signal;
  }

  /** Called by `pg`: what to tell the server at the start. `pg` itself would look into the environment too. */
  getStartupConf(): Record<string, string> {
    const { user, database, applicationName } = this.#settings;
    return { user, database, application_name: applicationName };
  }

  /** Breaks the connection off at once. What waits for it fails. */
  destroy(): void {
    this.#socket.destroy();
  }

  #connect(callback: Connected): void {
    const connected = new AbortController();
    this.#clock.sleep(this.#settings.connectTimeoutMs, connected.signal).then(
      () => {
        this.#timedOut = true;
        this.connection.stream.destroy(new Error('no answer in time'));
      },
      () => undefined,
    );
    super.connect((error: Error | null) => {
      connected.abort();
      if (error === null) {
        callback(null, this);
        return;
      }
      const explained = this.#explain(error);
      // pg leaves the socket of a failed connection to the server to close.
      this.#socket.destroy();
      callback(explained);
    });
  }

  #followStages(): void {
    const afterTcp = this.#settings.tls.mode === 'disable' ? 'authentication' : 'tls';
    this.#socket.once('lookup', (error: Error | null) => {
      if (error === null) this.stage = 'tcp';
    });
    const enter = (stage: ConnectionStage) => () => {
      this.stage = stage;
    };
    this.#socket.once('connect', enter(afterTcp));
    this.#socket.once('close', () => {
      this.#closedByServer = !this.#timedOut;
    });
    if (afterTcp === 'tls') {
      this.#socket.once('data', (bytes: Buffer) => {
        this.#tlsAnswer = bytes[0];
      });
    }
    this.connection.once('sslconnect', () => {
      this.connection.stream.once('secureConnect', enter('authentication'));
    });
    this.connection.once('authenticationOk', enter('container'));
    this.once('connect', enter('privilege'));
  }

  #explain(error: Error): ConnectorError {
    const doing = `connecting to ${addressText(this.#settings)}`;
    if (this.#timedOut) {
      const message = `${doing} took longer than ${String(this.#settings.connectTimeoutMs)} ms (connectTimeoutMs)`;
      return new ConnectorError('timeout', message, { kind: 'transient', effect: 'none', cause: error });
    }
    const failure = explainTls(error, this.stage, this.#settings, this.#tlsAnswer);
    if (failure !== undefined) {
      // With TLS 1.3 a server objects to the client's certificate when the client has begun to log in.
      this.stage = 'tls';
      return tlsError(doing, failure, error);
    }
    if (this.#closedByServer) return toConnectorError(error, doing);
    // What has no code comes from pg itself: the exchange of proofs went wrong.
    if (this.stage === 'authentication') {
      return toConnectorError(error, doing, { code: 'authentication-failed', kind: 'terminal' });
    }
    return toConnectorError(error, doing);
  }
}
