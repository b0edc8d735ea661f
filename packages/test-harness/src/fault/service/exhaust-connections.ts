import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { PostgresEndpoint, RedisEndpoint } from '@sqlflow/service-runtime';
import { pause, within } from '../../deadline.js';
import { errorCodeOf, HarnessError } from '../../harness-error.js';
import { explain, postgresCodes, redisCodes } from '../../lease/explain.js';
import { PostgresSession } from '../../lease/postgres-session.js';

/** Connections that leave none for others. Disposing closes them; the server has noticed a moment later. */
export interface HeldConnections extends AsyncDisposable {
  /** How many it took until the server refused. */
  readonly count: number;
}

/** A server that takes as many has no limit that a test should look for. */
const mostConnections = 1_000;
const answerWithinMs = 10_000;

/** One that was closed just now, such as that of the probe, still counts for some milliseconds, and leaves its place then. */
const refusalsInARow = 3;
const lookAgainMs = 20;

/** SQLSTATE `too_many_connections`. */
const tooManyConnections = '53300';

/** @throws HarnessError; `signal.reason` */
export async function exhaustPostgres(
  endpoint: PostgresEndpoint,
  signal?: AbortSignal,
): Promise<HeldConnections> {
  const open = async (): Promise<PostgresSession | undefined> => {
    try {
      return await PostgresSession.open(endpoint, signal);
    } catch (error) {
      if (errorCodeOf(error) === tooManyConnections) return undefined;
      signal?.throwIfAborted();
      throw explain(error, {
        doing: 'connecting',
        where: addressOf('postgres', endpoint),
        codes: postgresCodes,
      });
    }
  };
  return untilRefused(open, (session) => session[Symbol.asyncDispose](), signal);
}

/** @throws HarnessError; `signal.reason` */
export async function exhaustRedis(endpoint: RedisEndpoint, signal?: AbortSignal): Promise<HeldConnections> {
  const where = addressOf('redis', endpoint);
  const open = async (): Promise<Socket | undefined> => {
    try {
      return await within({ what: `connecting to ${where}`, ms: answerWithinMs, signal }, (ended) =>
        openRedis(endpoint, ended),
      );
    } catch (error) {
      signal?.throwIfAborted();
      throw explain(error, { doing: 'connecting', where, codes: redisCodes });
    }
  };
  return untilRefused(
    open,
    async (socket) => {
      if (socket.destroyed) return;
      const closed = once(socket, 'close');
      socket.destroy();
      await closed;
    },
    signal,
  );
}

/** @param open - Resolves with `undefined` if the server has no connection left. */
async function untilRefused<T>(
  open: () => Promise<T | undefined>,
  close: (connection: T) => Promise<void>,
  signal?: AbortSignal,
): Promise<HeldConnections> {
  const held: T[] = [];
  const closeAll = async (): Promise<void> => {
    await Promise.all(held.splice(0).map(close));
  };
  try {
    for (let refusals = 0; refusals < refusalsInARow;) {
      const next = await open();
      if (next === undefined) {
        refusals += 1;
        await pause(lookAgainMs, signal);
        continue;
      }
      refusals = 0;
      held.push(next);
      if (held.length < mostConnections) continue;
      throw new HarnessError(
        'unsupported',
        `the server took ${String(mostConnections)} connections and refused none; start it with maxConnections`,
      );
    }
  } catch (error) {
    await closeAll();
    throw error;
  }
  return { count: held.length, [Symbol.asyncDispose]: closeAll };
}

/**
 * Without a client, which would try again: Redis answers whoever it has no room for with an error, and closes. All other
 * answers, also that one has to sign in, are of a connection that stays.
 */
async function openRedis({ host, port }: RedisEndpoint, signal: AbortSignal): Promise<Socket | undefined> {
  const socket = connect({ host, port, signal }).unref();
  socket.on('error', () => undefined); // after it was opened: it is found closed
  await once(socket, 'connect');
  socket.write('PING\r\n');
  const [answer] = (await once(socket, 'data')) as [Buffer];
  if (!answer.toString('latin1').startsWith('-ERR')) return socket;
  socket.destroy();
  return undefined;
}

function addressOf(
  service: string,
  { host, port }: { readonly host: string; readonly port: number },
): string {
  return `${service} at ${host}:${String(port)}`;
}
