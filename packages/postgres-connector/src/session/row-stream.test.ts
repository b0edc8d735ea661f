import { VirtualClock } from '@sqlflow/resilience/testing';
import { EventEmitter } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import type { Connection } from 'pg';
import { dataRow, int16, int32 } from '../../test/wire-encoder.js';
import { RowStream, type RowSink } from './row-stream.js';

/** The socket of a connection, with what the server says put in by hand. */
class Channel extends EventEmitter {
  isPaused = false;
  isDestroyed = false;
  corks = 0;

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  cork(): void {
    this.corks++;
  }

  uncork(): void {
    this.corks--;
  }

  destroy(): void {
    this.isDestroyed = true;
  }

  say(...messages: Buffer[]): void {
    this.emit('data', Buffer.concat(messages));
  }
}

function message(type: string, payload = ''): Buffer {
  return Buffer.concat([Buffer.from(type), int32(payload.length + 4), Buffer.from(payload)]);
}

const describedNone = message('T', int16(0).toString('latin1'));
const row = dataRow([]);
const ready = message('Z', 'I');

const pipeline = {
  before: ['BEGIN'],
  query: { sql: 'SELECT', parameters: [] },
  binary: true,
  after: ['COMMIT'],
};

function open(sinkChanges: Partial<RowSink<number>> = {}, silenceTimeoutMs = 1000) {
  const socket = new Channel();
  const toPg: string[] = [];
  const listener = (chunk: Buffer): void => void toPg.push(chunk.toString('latin1'));
  socket.on('data', listener);
  const sent: string[] = [];
  const send = (what: string) => (): void => void sent.push(what);
  const protocol = {
    stream: socket,
    parse: ({ text }: { text: string }): void => void sent.push(`parse ${text}`),
    bind: send('bind'),
    describe: send('describe'),
    execute: send('execute'),
    sync: send('sync'),
  };
  const clock = new VirtualClock();
  const sink: RowSink<number> = {
    describe: () => undefined,
    push: (chunk) => [chunk.length],
    end: () => [],
    ...sinkChanges,
  };
  const stream = new RowStream(pipeline, sink, {
    doing: 'reading',
    clock,
    silenceTimeoutMs,
  });
  stream.submit(protocol as unknown as Connection);
  return { stream, socket, toPg, sent, clock, listener };
}

test('the query is sent in the extended protocol, and described; what goes with it is in the same write', () => {
  const { sent, socket } = open();
  expect(sent).toEqual([
    ...['parse BEGIN', 'bind', 'execute'],
    ...['parse SELECT', 'bind', 'describe', 'execute'],
    ...['parse COMMIT', 'bind', 'execute'],
    'sync',
  ]);
  expect(socket.corks).toBe(0);
});

test('while rows come pg hears nothing; the end of the answer goes to pg, which has its socket back', async () => {
  const { stream, socket, toPg, listener } = open({ end: () => [99] });
  socket.say(message('1'), message('2'), describedNone, row);
  expect(await stream.next()).toBe(row.length);
  socket.say(row, message('C', 'SELECT 2\0'), ready);
  expect(toPg).toEqual([ready.toString('latin1')]);
  expect(socket.listeners('data')).toEqual([listener]);
  stream.handleReadyForQuery();
  expect([await stream.next(), await stream.next(), await stream.next()]).toEqual([
    row.length,
    99,
    undefined,
  ]);
  expect(stream.isComplete).toBe(true);
});

test('the socket is paused while a batch waits, and resumed when the consumer asks for more', async () => {
  const { stream, socket } = open();
  socket.say(describedNone);
  expect(socket.isPaused).toBe(false);
  socket.say(row);
  expect(socket.isPaused).toBe(true);
  expect(await stream.next()).toBe(row.length);
  expect(socket.isPaused).toBe(true);
  const next = stream.next();
  await setImmediate();
  expect(socket.isPaused).toBe(false);
  socket.say(row);
  expect(await next).toBe(row.length);
});

test('an error of the server ends the stream', async () => {
  const { stream, socket, toPg } = open({ push: () => [] });
  const next = stream.next();
  socket.say(row, message('E', 'whatever'));
  expect(toPg).toEqual([message('E', 'whatever').toString('latin1')]);
  stream.handleError(Object.assign(new Error('gone'), { code: 'ECONNRESET' }));
  await expect(next).rejects.toMatchObject({ code: 'connection-lost', kind: 'transient' });
  expect(stream.isComplete).toBe(false);
});

test('what a sink throws reaches the consumer, not the socket, and the rest of the rows is dropped', async () => {
  let pushes = 0;
  const { stream, socket } = open({
    push: () => {
      pushes++;
      throw new RangeError('off the end');
    },
  });
  socket.say(row);
  socket.say(row);
  await expect(stream.next()).rejects.toMatchObject({ code: 'protocol-violation' });
  expect(pushes).toBe(1);
  expect(socket.isPaused).toBe(false);
});

test('a stream of messages that makes no sense breaks the connection off', async () => {
  const { stream, socket } = open();
  socket.say(Buffer.concat([Buffer.from('D'), int32(1)]));
  expect(socket.isDestroyed).toBe(true);
  await expect(stream.next()).rejects.toMatchObject({ code: 'protocol-violation' });
});

test('discard drops what waits and what comes, and gives its reason to the consumer', async () => {
  const { stream, socket } = open();
  socket.say(row);
  stream.discard('enough');
  await expect(stream.next()).rejects.toBe('enough');
  expect(socket.isPaused).toBe(false);
  socket.say(row, row);
  socket.say(message('E', 'canceled'));
  stream.handleError(new Error('canceled'));
  await expect(stream.next()).rejects.toBe('enough');
});

test('a server that says nothing while it is waited for is given up; one that trickles is not', async () => {
  const { stream, socket, clock } = open({ push: () => [] });
  const next = stream.next();
  const outcome = expect(next).rejects.toMatchObject({ code: 'timeout', kind: 'transient' });
  for (let chunk = 0; chunk < 5; chunk++) {
    await clock.advance(900);
    socket.say(row);
  }
  expect(clock.sleeping).toBe(1);
  await clock.advance(1000);
  await outcome;
  expect(clock.sleeping).toBe(0);
});

test('the time in which the consumer is busy is not the silence of the server', async () => {
  const { stream, socket, clock } = open();
  socket.say(row);
  expect(await stream.next()).toBe(row.length);
  await clock.advance(10_000);
  const next = stream.next();
  await clock.advance(900);
  socket.say(row);
  expect(await next).toBe(row.length);
  expect(clock.sleeping).toBe(0);
});
