import type { LinkConnection, ToxicLink } from '@sqlflow/test-harness';

/** From now on nothing passes in either direction. */
export function stall(link: ToxicLink): void {
  for (const direction of ['upstream', 'downstream'] as const) {
    link.add({ type: 'timeout', timeoutMs: 0, direction });
  }
}

/** Resolves when the client has sent something over the stalled link. */
export function asked(link: ToxicLink): Promise<void> {
  const isWaiting = ({ upstream }: LinkConnection) => upstream.receivedBytes > upstream.passedBytes;
  return link.until(() => link.connections.some(isWaiting));
}

/** Resolves when the client has closed all its connections. Over a stalled link the server does not hear of it, and then does. */
export async function left(link: ToxicLink): Promise<void> {
  await link.until(() => link.connections.every(({ upstream }) => upstream.hasEnded));
  link.clear();
  await link.until(() => link.connections.length === 0);
}
