import { connect, type Socket } from 'node:net';
import type { Clock } from '../clock.js';
import { ServiceFailure } from '../failure/service-failure.js';
import type { RuntimeFolders } from '../workspace/runtime-folders.js';
import { lines } from '../supervisor/lines.js';
import {
  encode,
  type Greeting,
  type PrivateRequest,
  type Reply,
  type Request,
} from '../supervisor/protocol.js';

/** A supervisor greets within milliseconds. One that does not is stopped, swamped or something else altogether. */
const greetingTimeoutMs = 5_000;

/** Twice the time that a service has to start. */
const answerTimeoutMs = 60_000;

/** A conversation with a supervisor. It ends when either side closes. */
export interface SupervisorConnection {
  readonly greeting: Greeting;
  send(request: Request | PrivateRequest): void;
  /**
   * The next answer, or `undefined` when the supervisor has closed.
   *
   * @throws ServiceFailure `SUPERVISOR_NOT_RESPONDING` after 60 s; `signal.reason`
   */
  next(signal: AbortSignal): Promise<Reply | undefined>;
  /** From now on the connection does not keep the process alive. */
  unref(): void;
  /** And from now on it does again. */
  ref(): void;
  /** Resolves once the connection is closed. */
  close(): Promise<void>;
}

/**
 * @returns `undefined` if no supervisor listens, or the one that did was just ending.
 * @throws ServiceFailure `SUPERVISOR_NOT_RESPONDING` if one listens and says nothing.
 */
export async function connectToSupervisor(
  folders: RuntimeFolders,
  clock: Clock,
  signal: AbortSignal,
): Promise<SupervisorConnection | undefined> {
  const socket = await open(folders.socket, signal);
  if (socket === undefined) return undefined;
  const incoming = lines(socket);
  const next = async (until: AbortSignal): Promise<Reply | undefined> => {
    const line = await orAbort(incoming.next(), until).catch((error: unknown) => {
      if (until.aborted) throw error;
      return { done: true as const, value: undefined }; // the connection broke
    });
    return line.done === true ? undefined : (JSON.parse(line.value) as Reply);
  };
  const nextWithin = async (limitMs: number, until: AbortSignal): Promise<Reply | undefined> => {
    const tooLate = new AbortController();
    const timer = clock.schedule(limitMs, () => {
      tooLate.abort(notResponding(folders, limitMs));
    });
    try {
      return await next(AbortSignal.any([until, tooLate.signal]));
    } finally {
      timer.cancel();
    }
  };
  try {
    const greeting = await nextWithin(greetingTimeoutMs, signal);
    if (greeting?.kind !== 'greeting') {
      socket.destroy();
      return undefined;
    }
    return conversation(socket, greeting, (until) => nextWithin(answerTimeoutMs, until));
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

function conversation(
  socket: Socket,
  greeting: Greeting,
  next: SupervisorConnection['next'],
): SupervisorConnection {
  return {
    greeting,
    next,
    send: (request) => socket.write(encode(request)),
    unref: () => {
      socket.unref();
    },
    ref: () => {
      socket.ref();
    },
    close: async () => {
      if (socket.destroyed) return;
      const closed = new Promise((resolve) => socket.once('close', resolve));
      socket.destroy();
      await closed;
    },
  };
}

function open(path: string, signal: AbortSignal): Promise<Socket | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path });
    const onAbort = (): void => {
      socket.destroy();
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    const settle = (result: Socket | undefined): void => {
      signal.removeEventListener('abort', onAbort);
      resolve(result);
    };
    socket.once('connect', () => {
      settle(socket);
    });
    // After 'connect' too: the reader sees the end, and an unheard 'error' would end the process.
    socket.on('error', () => {
      settle(undefined);
    });
  });
}

function orAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      reject(signal.reason as Error);
    };
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', onAbort);
    });
  });
}

function notResponding(folders: RuntimeFolders, limitMs: number): ServiceFailure {
  return new ServiceFailure({
    code: 'SUPERVISOR_NOT_RESPONDING',
    summary: `The supervisor of ${folders.workspace} accepts connections and says nothing.`,
    evidence: [`no answer on ${folders.socket} within ${String(limitMs / 1000)} s`],
    next: [`End it: pkill -KILL -f "supervisor/main.* ${folders.workspace}$"`, 'then run the command again.'],
  });
}
