import { type Clock, type Policy, timeout } from '@sqlflow/resilience';
import type { Duplex } from 'node:stream';
import type { Connection, Submittable } from 'pg';
import { toConnectorError } from '../errors.js';
import { until } from '../until.js';
import { silence } from './query.js';

export interface CopyInContext {
  /** What to say failed. */
  readonly doing: string;
  readonly clock: Clock;
  readonly silenceTimeoutMs: number;
}

const messageTypes = { copyData: 0x64, copyDone: 0x63, copyFail: 0x66 };
const headerBytes = 5;

/**
 * Sends bytes to a `COPY … FROM STDIN` over a connection of `pg`, no faster than the server takes them.
 *
 * By the simple protocol: in the extended one the server would wait for a Sync after an error, and take what is sent
 * until then for other messages.
 */
export class CopyIn implements Submittable {
  readonly #sql: string;
  readonly #limited: Policy;
  readonly #doing: string;
  readonly #failing = new AbortController();
  #begin: () => void = () => undefined;
  #end: () => void = () => undefined;
  readonly #begun = new Promise<void>((resolve) => (this.#begin = resolve));
  readonly #ended = new Promise<void>((resolve) => (this.#end = resolve));
  #socket: Duplex | undefined;
  #isOver = false;

  constructor(sql: string, { doing, clock, silenceTimeoutMs }: CopyInContext) {
    this.#sql = sql;
    this.#doing = doing;
    this.#limited = timeout(
      { timeoutMs: silenceTimeoutMs, error: () => silence(doing, silenceTimeoutMs) },
      clock,
    );
  }

  /** Aborts when the copy fails, while nothing is being sent too. */
  get failure(): AbortSignal {
    return this.#failing.signal;
  }

  /**
   * Sends bytes, and resolves when they may be overwritten and more may be sent.
   *
   * @throws ConnectorError for what the server or the connection objected to.
   */
  send(bytes: Uint8Array): Promise<void> {
    return this.#limited(async () => {
      await until(this.#begun, [this.failure]);
      await until(this.#write(messageTypes.copyData, bytes), [this.failure]);
    });
  }

  /** Says that this was all, and resolves when the server has taken it. @throws ConnectorError as `send` */
  finish(): Promise<void> {
    return this.#limited(async () => {
      await until(this.#begun, [this.failure]);
      void this.#write(messageTypes.copyDone);
      await until(this.#ended, [this.failure]);
    });
  }

  /** Makes it fail on the server. What waits for it fails with `reason`. */
  discard(reason: unknown): void {
    if (this.#isOver) return;
    this.#failing.abort(reason);
    // An empty message, and the zero that ends it.
    void this.#write(messageTypes.copyFail, Uint8Array.of(0));
  }

  submit(connection: Connection): void {
    this.#socket = connection.stream;
    connection.query(this.#sql);
  }

  /** Called by `pg`, as all below: the server waits for the bytes. */
  handleCopyInResponse(): void {
    this.#begin();
  }

  /** Over is what is ready for the next query. */
  handleCommandComplete(): void {
    // Nothing to do yet.
  }

  handleReadyForQuery(): void {
    this.#isOver = true;
    this.#end();
  }

  /** The server objected, or the connection broke. */
  handleError(error: unknown): void {
    this.#isOver = true;
    this.#failing.abort(toConnectorError(error, this.#doing));
  }

  #write(type: number, bytes?: Uint8Array): Promise<void> {
    const socket = this.#socket;
    // What has become of the connection is told by `handleError`.
    if (socket?.writable !== true) return new Promise(() => undefined);
    const header = Buffer.alloc(headerBytes);
    header[0] = type;
    header.writeInt32BE(4 + (bytes?.length ?? 0), 1);
    return new Promise((resolve) => {
      const onWritten = (error: Error | null | undefined): void => {
        if (error == null) resolve();
      };
      if (bytes === undefined) {
        socket.write(header, onWritten);
        return;
      }
      socket.cork();
      socket.write(header);
      socket.write(bytes, onWritten);
      socket.uncork();
    });
  }
}
