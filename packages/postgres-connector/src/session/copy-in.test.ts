import { VirtualClock } from '@sqlflow/resilience/testing';
import type { Connection } from 'pg';
import { CopyIn } from './copy-in.js';

/** A connection whose socket keeps what is written until it is told that it has gone. */
function open(silenceTimeoutMs = 1000) {
  const waiting: (() => void)[] = [];
  const sent: string[] = [];
  const stream = {
    writable: true,
    cork: (): void => undefined,
    uncork: (): void => undefined,
    write: (bytes: Uint8Array, onWritten?: () => void): void => {
      sent.push(Buffer.from(bytes).toString('latin1'));
      if (onWritten !== undefined) waiting.push(onWritten);
    },
  };
  const clock = new VirtualClock();
  const copy = new CopyIn('COPY t FROM STDIN', { doing: 'writing', clock, silenceTimeoutMs });
  copy.submit({ stream, query: (sql: string) => sent.push(sql) } as unknown as Connection);
  return { copy, clock, sent, drain: () => waiting.splice(0).forEach((written) => written()) };
}

const bytes = Buffer.from('rows');

async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const other = {};
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  return (await Promise.race([promise.catch(() => undefined), Promise.resolve(other)])) !== other;
}

test('nothing is sent before the server asks for it, and no more than it takes', async () => {
  const { copy, sent, drain } = open();
  const sending = copy.send(bytes);
  expect(await isSettled(sending)).toBe(false);
  expect(sent).toEqual(['COPY t FROM STDIN']);
  copy.handleCopyInResponse();
  expect(await isSettled(sending)).toBe(false);
  expect(sent.slice(1)).toEqual(['d\0\0\0\b', 'rows']);
  drain();
  await sending;
});

test('it is over when the server is ready for the next query', async () => {
  const { copy, sent } = open();
  copy.handleCopyInResponse();
  const finishing = copy.finish();
  await isSettled(finishing);
  expect(sent.at(-1)).toBe('c\0\0\0\u0004');
  copy.handleCommandComplete();
  expect(await isSettled(finishing)).toBe(false);
  copy.handleReadyForQuery();
  await finishing;
  copy.discard(new Error('too late'));
  expect(sent).toHaveLength(2);
  expect(copy.failure.aborted).toBe(false);
});

test('what the server objects to is told at once, whatever is being waited for', async () => {
  const { copy } = open();
  const sending = copy.send(bytes);
  copy.handleError(new Error('gone'));
  await expect(sending).rejects.toMatchObject({ code: 'connection-lost' });
  expect(copy.failure.reason).toMatchObject({ code: 'connection-lost' });
  await expect(copy.finish()).rejects.toMatchObject({ code: 'connection-lost' });
});

test('what is discarded fails on the server, with the reason here', async () => {
  const { copy, sent } = open();
  copy.handleCopyInResponse();
  const sending = copy.send(bytes);
  await isSettled(sending);
  const reason = new Error('enough');
  copy.discard(reason);
  await expect(sending).rejects.toBe(reason);
  expect(sent.slice(-2)).toEqual(['f\0\0\0\u0005', '\0']);
});

test('a server that takes nothing for too long is given up', async () => {
  const { copy, clock } = open(1000);
  copy.handleCopyInResponse();
  const sending = copy.send(bytes);
  sending.catch(() => undefined);
  await isSettled(sending);
  await clock.advance(1000);
  await expect(sending).rejects.toMatchObject({ code: 'timeout', kind: 'transient', effect: 'none' });
});
