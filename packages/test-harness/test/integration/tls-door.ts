import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, TLSSocket } from 'node:tls';
import { testCertificate } from './certificate.js';

interface Address {
  readonly host: string;
  readonly port: number;
}

/** A door to a server that speaks TLS to the client and plainly to the server. */
export interface TlsDoor<Endpoint extends Address> extends AsyncDisposable {
  readonly endpoint: Endpoint;
}

/** @param isAsked - Whether the client asks for TLS first, as it does with PostgreSQL. */
export async function openTlsDoor<Endpoint extends Address>(
  server: Endpoint,
  { isAsked = false } = {},
): Promise<TlsDoor<Endpoint>> {
  const sockets = new Set<Socket>();
  const listener: Server = isAsked
    ? createServer((client) => {
        client.once('data', () => {
          client.pause();
          client.write('S');
          join(new TLSSocket(client, { isServer: true, ...testCertificate }));
        });
      })
    : createTlsServer(testCertificate, join);
  function join(client: Socket): void {
    const upstream = connect(server.port, server.host);
    for (const socket of [client, upstream]) {
      sockets.add(socket.on('error', () => undefined).on('close', () => sockets.delete(socket)));
    }
    client.pipe(upstream).pipe(client);
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
  }
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    endpoint: { ...server, host: '127.0.0.1', port: (listener.address() as AddressInfo).port },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      listener.close();
      await once(listener, 'close');
    },
  };
}
