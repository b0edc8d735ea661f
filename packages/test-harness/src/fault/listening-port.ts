import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { destroySocket, resetSocket } from './connection.js';

export const loopback = '127.0.0.1';

interface Holder {
  readonly socket: Socket;
  /** Where it is connected to. */
  readonly door: Server;
}

/**
 * A port of the loopback interface that can be closed and opened again. While it is closed, connections to it are refused, and
 * who asks for any free port is not given this one: a connection that begins at it holds it.
 */
export class ListeningPort {
  readonly #accept: (client: Socket) => void;
  #listener: Server;
  #holder: Holder | undefined;
  #last = Promise.resolve();

  private constructor(
    listener: Server,
    readonly number: number,
    accept: (client: Socket) => void,
  ) {
    this.#listener = listener;
    this.#accept = accept;
  }

  /** @param accept - Is given each client; the socket stays writable when the client ends its side. */
  static async open(accept: (client: Socket) => void): Promise<ListeningPort> {
    const listener = await listen(0, accept);
    return new ListeningPort(listener, portOf(listener), accept);
  }

  /** From when it resolves on, connections are refused. */
  close(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#holder !== undefined) return;
      const door = await listen(0, keepQuiet);
      this.#listener.close();
      const from = { localAddress: loopback, localPort: this.number };
      const socket = connect({ host: loopback, port: portOf(door), ...from });
      keepQuiet(socket);
      this.#holder = { socket, door };
      await once(socket, 'connect');
    });
  }

  /** From when it resolves on, connections are accepted. */
  open(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#holder === undefined) return;
      await this.#letGo(this.#holder);
      this.#listener = await listen(this.number, this.#accept);
    });
  }

  /** The port is free when it resolves. Clients that were accepted stay. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#holder === undefined) this.#listener.close();
      else await this.#letGo(this.#holder);
    });
  }

  async #letGo({ socket, door }: Holder): Promise<void> {
    this.#holder = undefined;
    // A reset leaves nothing behind that would keep the port from being listened on.
    resetSocket(socket);
    await destroySocket(socket);
    door.close();
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    this.#last = this.#last.then(work, work);
    return this.#last;
  }
}

async function listen(port: number, accept: (client: Socket) => void): Promise<Server> {
  const listener = createServer({ allowHalfOpen: true, noDelay: true }, accept).unref();
  listener.listen(port, loopback);
  await once(listener, 'listening');
  return listener;
}

function keepQuiet(socket: Socket): void {
  socket.unref().on('error', () => undefined);
}

function portOf(listener: Server): number {
  const address = listener.address();
  if (address === null || typeof address === 'string') throw new TypeError('a TCP server has a port');
  return address.port;
}
