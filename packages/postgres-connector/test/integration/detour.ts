import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A way to a server on which one message is overtaken by a later connection. */
export interface Detour extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** Resolves when the message is on its way and held. */
  readonly isHolding: Promise<unknown>;
  /** Connections made since the message was held. */
  readonly overtakers: number;
}

/**
 * Holds what contains `text` until another connection was made and has ended, then lets it pass. An end passes through
 * like any byte: a client learns that its connection has ended when the server has let go of it, not from the detour.
 */
export async function openDetour(
  server: { readonly host: string; readonly port: number },
  text: string,
): Promise<Detour> {
  const held: (() => void)[] = [];
  const clients = new Set<Socket>();
  let holding: () => void = () => undefined;
  const isHolding = new Promise<void>((resolve) => (holding = resolve));
  let overtakers = 0;
  let hasHeld = false;
  const listener = createServer({ allowHalfOpen: true }, (client) => {
    clients.add(client);
    if (hasHeld) overtakers++;
    const upstream = connect({ port: server.port, host: server.host, allowHalfOpen: true });
    client.on('data', (bytes) => {
      if (hasHeld || !bytes.includes(text)) {
        upstream.write(bytes);
        return;
      }
      hasHeld = true;
      held.push(() => upstream.write(bytes));
      holding();
    });
    upstream.pipe(client);
    upstream
      .on('error', () => client.destroy())
      .on('close', () => {
        client.destroy();
        if (overtakers > 0) for (const pass of held.splice(0)) pass();
      });
    client
      .on('end', () => upstream.end())
      .on('error', () => client.destroy())
      .on('close', () => {
        clients.delete(client);
        upstream.destroy();
      });
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    host: '127.0.0.1',
    port: (listener.address() as AddressInfo).port,
    isHolding,
    get overtakers() {
      return overtakers;
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.destroy();
      listener.close();
      await once(listener, 'close');
    },
  };
}
