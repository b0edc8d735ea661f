import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { Address } from '../src/fault/link-options.js';

export interface TestServer extends Address, AsyncDisposable {
  /** Its side of the connections, in order of making. */
  readonly clients: readonly Socket[];
  /** The next connection, or one that came before and was not taken. */
  next(): Promise<Socket>;
}

/** A server that does with its clients what it is told; errors of theirs are noted on the socket, and nothing else happens. */
export async function startServer(onClient: (client: Socket) => void = () => undefined): Promise<TestServer> {
  const clients: Socket[] = [];
  let taken = 0;
  const server = createServer({ allowHalfOpen: true }, (client) => {
    client.on('error', () => undefined);
    clients.push(client);
    onClient(client);
    server.emit('client');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    clients,
    async next() {
      while (clients[taken] === undefined) await once(server, 'client');
      taken++;
      return clients[taken - 1]!;
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Sends back what it gets, and its end. */
export const echo = (client: Socket): void => void client.pipe(client);

/** All that comes until the sender ends. The socket stays open for the other direction. */
export async function received(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  await once(socket, 'end');
  return Buffer.concat(chunks).toString('latin1');
}

export interface TestClient extends AsyncDisposable {
  readonly socket: Socket;
  /** All bytes that came so far. */
  readonly text: string;
  /** Resolves when so many bytes have come. */
  bytes(count: number): Promise<string>;
  /** Resolves with what came in all, and how it ended: `end`, or the code of the error. */
  over(): Promise<{ text: string; how: string }>;
}

/** A client that keeps its own side open when the server ends. */
export function openClient({ host, port }: Address): TestClient {
  const socket = connect({ host, port, allowHalfOpen: true });
  const chunks: Buffer[] = [];
  let how = 'open';
  socket
    .on('data', (chunk) => {
      chunks.push(chunk);
      socket.emit('more');
    })
    .on('end', () => {
      how = 'end';
      socket.emit('over');
    })
    .on('error', (error: NodeJS.ErrnoException) => {
      how = error.code ?? error.message;
      socket.emit('over');
    });
  const text = () => Buffer.concat(chunks).toString('latin1');
  return {
    socket,
    get text() {
      return text();
    },
    async bytes(count) {
      while (text().length < count) await once(socket, 'more');
      return text();
    },
    async over() {
      if (how === 'open') await new Promise((resolve) => socket.once('over', resolve));
      return { text: text(), how };
    },
    async [Symbol.asyncDispose]() {
      if (socket.closed) return;
      socket.destroy();
      await once(socket, 'close');
    },
  };
}
