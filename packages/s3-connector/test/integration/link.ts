import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

/** A way to a real server that counts the connections through it and can stop passing bytes on. */
export interface Link extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** Open connections of the client. */
  readonly open: number;
  /** Resolves when no connection is open any more. */
  allClosed(): Promise<void>;
  /** From now on nothing comes back from the server. */
  stall(): void;
  /** Breaks every open connection. New ones can be made. */
  cut(): void;
  /** Resolves when the client sends something over the stalled link. */
  asked(): Promise<void>;
}

/** With `certificate` the client speaks TLS to the link, which speaks plainly to the server. */
export async function openLink(
  server: { readonly host: string; readonly port: number },
  certificate?: { readonly key: string; readonly cert: string },
): Promise<Link> {
  const clients = new Set<Socket>();
  let stalled = false;
  const onClient = (client: Socket): void => {
    const upstream = connect(server.port, server.host);
    clients.add(client);
    client.on('data', (bytes) => {
      if (stalled) listener.emit('asked');
      else upstream.write(bytes);
    });
    upstream.on('data', (bytes) => stalled || client.write(bytes));
    client
      .on('error', () => client.destroy())
      .on('close', () => {
        clients.delete(client);
        upstream.destroy();
        if (clients.size === 0) listener.emit('allClosed');
      });
    upstream.on('error', () => client.destroy()).on('close', () => client.destroy());
  };
  const listener = certificate ? createTlsServer(certificate, onClient) : createServer(onClient);
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    host: '127.0.0.1',
    port: (listener.address() as AddressInfo).port,
    get open() {
      return clients.size;
    },
    async allClosed() {
      if (clients.size > 0) await once(listener, 'allClosed');
    },
    stall: () => {
      stalled = true;
    },
    cut: () => {
      for (const client of clients) client.resetAndDestroy();
    },
    async asked() {
      await once(listener, 'asked');
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.destroy();
      listener.close();
      await once(listener, 'close');
    },
  };
}

/** A port of this machine where nothing listens: it was free a moment ago. */
export async function closedPort(): Promise<number> {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  listener.close();
  await once(listener, 'close');
  return port;
}
