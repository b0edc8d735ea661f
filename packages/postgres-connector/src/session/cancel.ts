import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { once } from 'node:events';
import { addressOf, type ConnectionSettings, tlsOptionsOf, type TlsSettings } from './connection-settings.js';

const cancelRequestCode = 80_877_102;
const sslRequestCode = 80_877_103;
const sslAccepted = 0x53;

/**
 * Asks the server, on a connection of its own as the protocol has it, to cancel what a connection is doing.
 * Resolves once the server has closed that connection: it has passed the request on by then.
 *
 * @throws What the operating system says if the server cannot be reached.
 * @throws `signal.reason` if `signal` aborts first.
 */
export async function cancelQuery(
  settings: ConnectionSettings,
  key: { readonly processId: number; readonly secret: number },
  signal?: AbortSignal,
): Promise<void> {
  const plain = connectTcp(addressOf(settings));
  const destroy = (): void => {
    plain.destroy();
  };
  signal?.addEventListener('abort', destroy, { once: true });
  try {
    await once(plain, 'connect', { signal });
    const socket =
      settings.tls.mode === 'disable' ? plain : await secured(plain, settings.host, settings.tls, signal);
    // The server may reset the connection instead of closing it, which says the same.
    socket.on('error', () => undefined);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.resume();
    socket.write(message(cancelRequestCode, key.processId, key.secret));
    await closed;
    signal?.throwIfAborted();
  } finally {
    signal?.removeEventListener('abort', destroy);
    destroy();
  }
}

async function secured(
  plain: Socket,
  host: string,
  tls: TlsSettings,
  signal: AbortSignal | undefined,
): Promise<Socket> {
  plain.write(message(sslRequestCode));
  const [answer] = (await once(plain, 'data', { signal })) as [Buffer];
  if (answer[0] !== sslAccepted) throw new Error('the server does not take TLS for a cancel request');
  plain.removeAllListeners('data');
  const socket = connectTls({
    host,
    ...(isIP(host) === 0 && { servername: host }),
    ...tlsOptionsOf(tls),
    socket: plain,
  });
  await once(socket, 'secureConnect', { signal });
  return socket;
}

function message(...words: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * (words.length + 1));
  bytes.writeInt32BE(bytes.length);
  for (const [index, word] of words.entries()) bytes.writeInt32BE(word, 4 * (index + 1));
  return bytes;
}
