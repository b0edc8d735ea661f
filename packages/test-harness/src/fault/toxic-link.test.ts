import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { echo, openClient, received, startServer } from '../../test/sockets.js';
import { VirtualClock } from '../../test/virtual-clock.js';
import { pause } from '../deadline.js';
import { openLink, toxicLink } from './toxic-link.js';

const MiB = 1024 * 1024;

describe('a link without toxics', () => {
  test('has the endpoint of the server, with a host and a port of its own', async () => {
    await using server = await startServer();
    const endpoint = { host: server.host, port: server.port, user: 'ann', database: 'shop' };
    await using link = await toxicLink(endpoint);
    expect(link.endpoint).toEqual({ ...endpoint, host: '127.0.0.1', port: expect.any(Number) });
    expect(link.endpoint.port).not.toBe(server.port);
  });

  test('passes the end of one direction while the other goes on', async () => {
    await using server = await startServer();
    await using link = await toxicLink(server);
    await using client = openClient(link.endpoint);
    client.socket.end('question');
    const serving = await server.next();
    expect(await received(serving)).toBe('question');
    serving.write('first ');
    await client.bytes(6);
    serving.end('second');
    expect(await client.over()).toEqual({ text: 'first second', how: 'end' });
    await link.until(() => link.connections.length === 0);
  });

  test('counts the bytes of each connection both ways', async () => {
    await using server = await startServer((client) => void client.once('data', () => client.write('yes')));
    await using link = await toxicLink(server);
    await using client = openClient(link.endpoint);
    client.socket.write('well?');
    await client.bytes(3);
    expect(link.connections).toMatchObject([
      {
        number: 1,
        upstream: { receivedBytes: 5, passedBytes: 5, hasEnded: false },
        downstream: { receivedBytes: 3, passedBytes: 3, hasEnded: false },
      },
    ]);
  });

  test.each(['client', 'server'])('passes a reset by the %s as a reset', async (who) => {
    await using server = await startServer();
    await using link = await toxicLink(server);
    await using client = openClient(link.endpoint);
    const serving = await server.next();
    const other = who === 'client' ? serving : client.socket;
    const failed = once(other, 'error');
    (who === 'client' ? client.socket : serving).resetAndDestroy();
    expect(await failed).toMatchObject([{ code: 'ECONNRESET' }]);
    await link.until(() => link.connections.length === 0);
  });

  test('passes a reset by a client that had ended its direction, when the server sends something', async () => {
    await using server = await startServer();
    await using link = await toxicLink(server);
    await using client = openClient(link.endpoint);
    client.socket.end();
    const serving = await server.next();
    await received(serving);
    serving.write('a');
    await client.bytes(1);
    client.socket.resetAndDestroy();
    const failed = once(serving, 'error');
    // Node looks at a socket whose sender has ended only when it writes; so does this server.
    while (serving.errored === null) {
      serving.write('b');
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await failed).toMatchObject([{ code: expect.stringMatching(/^(ECONNRESET|EPIPE)$/) }]);
    await link.until(() => link.connections.length === 0);
  });

  test('resets the client if the server cannot be reached', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as { port: number };
    closed.close();
    await once(closed, 'close');
    await using link = await toxicLink({ host: '127.0.0.1', port });
    await using client = openClient(link.endpoint);
    expect(await client.over()).toEqual({ text: '', how: 'ECONNRESET' });
  });

  test.each(['upstream', 'downstream'] as const)(
    'a long stream arrives as it was sent, also at a reader that pauses, %s',
    async (direction) => {
      await using server = await startServer();
      await using link = await toxicLink(server);
      await using client = openClient(link.endpoint);
      const serving = await server.next();
      const [sender, reader] = direction === 'upstream' ? [client.socket, serving] : [serving, client.socket];
      const [sent, read] = [createHash('sha256'), createHash('sha256')];
      let left = 256;
      const send = (): void => {
        while (left-- > 0) {
          // No two chunks are the same, and they fit into no buffer on the way.
          const chunk = Buffer.alloc(100_003, `${String(left)} `);
          sent.update(chunk);
          if (!sender.write(chunk)) return;
        }
        sender.end();
      };
      sender.on('drain', send);
      send();
      reader.on('data', (chunk) => {
        read.update(chunk);
        reader.pause();
        setImmediate(() => reader.resume());
      });
      await once(reader, 'end');
      expect(read.digest('hex')).toBe(sent.digest('hex'));
    },
  );

  test.each(['upstream', 'downstream'] as const)('a slow reader slows the sender, %s', async (direction) => {
    await using server = await startServer();
    await using link = await toxicLink(server);
    await using client = openClient(link.endpoint);
    const serving = await server.next();
    const [sender, reader] = direction === 'upstream' ? [client.socket, serving] : [serving, client.socket];
    reader.pause();
    const chunk = Buffer.alloc(MiB);
    let sent = 0;
    // Sends until nothing is taken any more: what the three sockets on the way and the link hold.
    const send = (): void => {
      while (sent < 200 * MiB) {
        sent += MiB;
        if (!sender.write(chunk)) return;
      }
    };
    sender.on('drain', send);
    send();
    await link.until(() => (link.connections[0]?.[direction].receivedBytes ?? 0) > 0);
    let before = -1;
    while (before !== sent) {
      before = sent;
      await pause(100);
    }
    expect(sent).toBeLessThan(60 * MiB);
    let read = 0;
    const all = new Promise<void>((resolve) => {
      reader.on('data', ({ length }) => {
        read += length;
        if (read === 200 * MiB) resolve();
      });
    });
    reader.resume();
    await all;
    const held = link.connections[0]![direction];
    expect(held.receivedBytes - held.passedBytes).toBe(0);
  });
});

describe('toxics of a link', () => {
  test('work on the direction they name, by default on what comes from the server', async () => {
    const clock = new VirtualClock();
    await using server = await startServer(echo);
    await using link = await openLink(server, {}, clock);
    await using client = openClient(link.endpoint);
    link.add({ type: 'latency', latencyMs: 100 });
    client.socket.write('hello');
    await link.until(() => link.connections[0]?.downstream.receivedBytes === 5);
    expect(link.connections[0]).toMatchObject({
      upstream: { passedBytes: 5 },
      downstream: { passedBytes: 0 },
    });
    clock.advance(100);
    expect(await client.bytes(5)).toBe('hello');
  });

  test('work on the connections they name, and on no other', async () => {
    await using server = await startServer(echo);
    await using link = await toxicLink(server, {
      script: [
        { type: 'limit_data', afterBytes: 1, connections: [2] },
        { type: 'limit_data', afterBytes: 2, connections: { from: 4, to: 5 } },
        { type: 'limit_data', afterBytes: 3, connections: { from: 6 } },
      ],
    });
    const ends: string[] = [];
    for (let number = 1; number <= 7; number++) {
      await using client = openClient(link.endpoint);
      client.socket.end('hello');
      ends.push((await client.over()).text);
    }
    expect(ends).toEqual(['hello', 'h', 'hello', 'he', 'he', 'hel', 'hel']);
  });

  test('of a script are there from the first connection on: two are refused, then all is well', async () => {
    await using server = await startServer(echo);
    await using link = await toxicLink(server, { script: [{ type: 'down', connections: [1, 2] }] });
    const ends: string[] = [];
    for (let number = 1; number <= 4; number++) {
      await using client = openClient(link.endpoint);
      client.socket.end('hello');
      const { text, how } = await client.over();
      ends.push(`${text} ${how}`);
    }
    expect(ends).toEqual([' ECONNRESET', ' ECONNRESET', 'hello end', 'hello end']);
    expect(server.clients).toHaveLength(2);
  });

  test('come and go while a connection is open', async () => {
    await using server = await startServer(echo);
    await using link = await toxicLink(server);
    await using client = openClient(link.endpoint);
    client.socket.write('one ');
    await client.bytes(4);
    const stall = link.add({ type: 'timeout', timeoutMs: 0 });
    client.socket.write('two ');
    await link.until(() => link.connections[0]?.downstream.receivedBytes === 8);
    expect(client.text).toBe('one ');
    stall.remove();
    expect(await client.bytes(8)).toBe('one two ');
    link.add({ type: 'timeout', timeoutMs: 0, direction: 'upstream' });
    client.socket.write('three');
    await link.until(() => link.connections[0]?.upstream.receivedBytes === 13);
    expect(link.connections[0]?.upstream.passedBytes).toBe(8);
    link.clear();
    expect(await client.bytes(13)).toBe('one two three');
  });

  test.each([
    ['slicer', { type: 'slicer', averageBytes: 3, variationBytes: 2 }],
    ['latency', { type: 'latency', latencyMs: 1, jitterMs: 1 }],
    ['bandwidth', { type: 'bandwidth', bytesPerSecond: 10_000_000 }],
    ['slow_close', { type: 'slow_close', delayMs: 5 }],
  ] as const)('%s passes all bytes and the end on real sockets', async (_name, toxic) => {
    await using server = await startServer(echo);
    await using link = await toxicLink(server, { script: [toxic, { ...toxic, direction: 'upstream' }] });
    await using client = openClient(link.endpoint);
    const text = Array.from({ length: 20_000 }, (_, index) => String(index % 10)).join('');
    client.socket.end(text);
    expect(await client.over()).toEqual({ text, how: 'end' });
  });

  test('count from the next byte where they are added to an open connection', async () => {
    await using server = await startServer(echo);
    await using link = await toxicLink(server);
    await using client = openClient(link.endpoint);
    client.socket.write('hello');
    await client.bytes(5);
    link.add({ type: 'limit_data', afterBytes: 3 });
    client.socket.write(' again');
    expect(await client.over()).toEqual({ text: 'hello ag', how: 'end' });
    expect(link.schedule).toMatchObject([
      { did: 'work', toxic: 1, fromByte: 5 },
      { did: 'close', atByte: { downstream: 8 } },
    ]);
  });

  test('timeout closes the connection when its time is over', async () => {
    const clock = new VirtualClock();
    await using server = await startServer(echo);
    await using link = await openLink(server, { script: [{ type: 'timeout', timeoutMs: 500 }] }, clock);
    await using client = openClient(link.endpoint);
    client.socket.write('hello');
    await link.until(() => link.connections[0]?.downstream.receivedBytes === 5);
    clock.advance(499);
    expect(link.schedule).toHaveLength(1);
    clock.advance(1);
    expect(await client.over()).toEqual({ text: '', how: 'end' });
  });

  test('a toxic that is removed in time does not end the connection', async () => {
    const clock = new VirtualClock();
    await using server = await startServer(echo);
    await using link = await openLink(server, {}, clock);
    await using client = openClient(link.endpoint);
    client.socket.write('hello');
    await client.bytes(5);
    link.add({ type: 'reset_peer', afterMs: 500 }).remove();
    clock.advance(1_000);
    client.socket.write(' again');
    expect(await client.bytes(11)).toBe('hello again');
  });

  test('reset_peer is a real reset, on both sides, after exactly so many bytes', async () => {
    await using server = await startServer();
    await using link = await toxicLink(server, { script: [{ type: 'reset_peer', afterBytes: 3 }] });
    await using client = openClient(link.endpoint);
    const serving = await server.next();
    const failed = once(serving, 'error');
    serving.write('hello');
    expect(await client.over()).toEqual({ text: 'hel', how: 'ECONNRESET' });
    expect(await failed).toMatchObject([{ code: 'ECONNRESET' }]);
  });

  test('limit_data is an orderly end after exactly so many bytes, also with bytes on the way that nobody reads', async () => {
    await using server = await startServer();
    await using link = await toxicLink(server, { script: [{ type: 'limit_data', afterBytes: 1_234_567 }] });
    await using client = openClient(link.endpoint);
    const serving = await server.next();
    // More than the sockets on the way hold: a socket that is closed over unread bytes sends a reset.
    client.socket.write(Buffer.alloc(64 * MiB));
    await link.until(() => (link.connections[0]?.upstream.receivedBytes ?? 0) >= MiB);
    serving.write(Buffer.alloc(2_000_000));
    const { text, how } = await client.over();
    expect(text).toHaveLength(1_234_567);
    expect(how).toBe('end');
  });

  test('of some connections only, which ones the seed says', async () => {
    const chosen = async (seed: number): Promise<string> => {
      await using server = await startServer(echo);
      await using link = await toxicLink(server, { seed, script: [{ type: 'down', toxicity: 0.5 }] });
      let ends = '';
      for (let number = 1; number <= 16; number++) {
        await using client = openClient(link.endpoint);
        client.socket.end('x');
        ends += (await client.over()).how === 'end' ? '.' : 'x';
      }
      return ends;
    };
    const first = await chosen(7);
    expect(first).toMatch(/(?=.*x)(?=.*\.)/);
    expect(await chosen(7)).toBe(first);
    expect(await chosen(8)).not.toBe(first);
  });
});

describe('what a test does to a link', () => {
  test('down refuses new connections and resets the open ones, and up accepts at the same port', async () => {
    await using server = await startServer(echo);
    await using link = await toxicLink(server);
    await using before = openClient(link.endpoint);
    before.socket.write('x');
    await before.bytes(1);
    await link.down();
    await link.down();
    expect((await before.over()).how).toBe('ECONNRESET');
    await using refused = openClient(link.endpoint);
    expect((await refused.over()).how).toBe('ECONNREFUSED');
    await link.up();
    await link.up();
    await using after = openClient(link.endpoint);
    after.socket.end('back');
    expect(await after.over()).toEqual({ text: 'back', how: 'end' });
  });

  test('close ends a connection in an orderly way, and reset does not', async () => {
    await using server = await startServer(echo);
    await using link = await toxicLink(server);
    await using closed = openClient(link.endpoint);
    await using reset = openClient(link.endpoint);
    for (const client of [closed, reset]) {
      client.socket.write('x');
      await client.bytes(1);
    }
    const [first, second] = link.connections;
    (first?.number === 1 ? first : second)!.close();
    (first?.number === 1 ? second : first)!.reset();
    const hows = [(await closed.over()).how, (await reset.over()).how];
    expect(hows.sort()).toEqual(['ECONNRESET', 'end']);
    await link.until(() => link.connections.length === 0);
  });

  test('until ends with the reason of its signal, and with what its condition throws', async () => {
    await using server = await startServer(echo);
    await using link = await toxicLink(server);
    const abort = new AbortController();
    const aborted = link.until(() => false, abort.signal);
    abort.abort('enough');
    await expect(aborted).rejects.toBe('enough');
    const broken = () => {
      throw new Error('no');
    };
    await expect(link.until(broken)).rejects.toThrow('no');
  });
});

describe('disposal', () => {
  test('destroys all connections and frees the port, and twice is once', async () => {
    await using server = await startServer(echo);
    const link = await toxicLink(server);
    await using client = openClient(link.endpoint);
    client.socket.write('x');
    await client.bytes(1);
    link.add({ type: 'timeout', timeoutMs: 60_000 });
    await Promise.all([link[Symbol.asyncDispose](), link[Symbol.asyncDispose]()]);
    await client.over();
    const again = createServer().listen(link.endpoint.port, '127.0.0.1');
    await once(again, 'listening');
    again.close();
    await once(again, 'close');
    expect(link.connections).toEqual([]);
  });

  test('frees the port also while the link is down', async () => {
    await using server = await startServer(echo);
    const link = await toxicLink(server);
    await link.down();
    await link[Symbol.asyncDispose]();
    const again = createServer().listen(link.endpoint.port, '127.0.0.1');
    await once(again, 'listening');
    again.close();
    await once(again, 'close');
  });

  test('makes every later call an error that says so', async () => {
    await using server = await startServer(echo);
    const link = await toxicLink(server);
    await link[Symbol.asyncDispose]();
    expect(() => link.add({ type: 'down' })).toThrow('[closed] the link was closed before; open another one');
    await expect(link.down()).rejects.toMatchObject({ code: 'closed' });
    await expect(link.up()).rejects.toMatchObject({ code: 'closed' });
  });
});
