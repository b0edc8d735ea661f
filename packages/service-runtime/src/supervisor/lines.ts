import type { Socket } from 'node:net';

/** A line longer than this is no message of ours, and not worth the memory. */
const longestLine = 1024 * 1024;

/**
 * The lines that arrive on a socket, without their line feeds, until it closes. Ending the iteration leaves the socket
 * open: a lease goes on after its last line.
 *
 * @throws RangeError for a line that is too long.
 */
export async function* lines(socket: Socket): AsyncGenerator<string, void, void> {
  let rest = '';
  socket.setEncoding('utf8');
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    rest += String(chunk);
    const complete = rest.split('\n');
    rest = complete.pop() ?? '';
    yield* complete;
    if (rest.length > longestLine)
      throw new RangeError(`a line is longer than ${String(longestLine)} characters`);
  }
}
