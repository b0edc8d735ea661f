import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { createServer } from 'node:tls';

/** A place where clients speak TLS to a server that speaks plainly. */
export interface TlsDoor extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
}

export async function openTlsDoor(
  server: { readonly host: string; readonly port: number },
  certificate: { readonly key: string; readonly cert: string },
): Promise<TlsDoor> {
  const listener = createServer(certificate, (client) => {
    const upstream = connect(server.port, server.host);
    client.pipe(upstream).pipe(client);
    client.on('error', () => upstream.destroy());
    upstream.on('error', () => client.destroy());
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    host: '127.0.0.1',
    port: (listener.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      listener.close();
      await once(listener, 'close');
    },
  };
}
