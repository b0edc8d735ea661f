import type { PostgresEndpoint } from '@sqlflow/service-runtime';
import { later } from '../deadline.js';
import { PostgresSession } from './postgres-session.js';

/** Of those that nobody uses so many stay open: one for the lease at hand, one for the copy that is made meanwhile. */
const mostIdle = 2;

/** A session that nobody has used for so long is closed: not every test runner says when a file has ended. */
const idleMs = 2_000;

/**
 * Sessions on the database that a server is entered by, for creating, dropping and looking. They are kept for the next
 * user, since a new connection takes as long as the drop of a database, 5 ms.
 */
export class PostgresSessions implements AsyncDisposable {
  readonly #idle: PostgresSession[] = [];
  #forgetTimer: (() => void) | undefined;

  constructor(readonly server: PostgresEndpoint) {}

  /** Lends a session that nobody else uses meanwhile. Rejects as `work` does, and as {@link PostgresSession.open}. */
  async use<T>(work: (session: PostgresSession) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const session = this.#takeIdle() ?? (await PostgresSession.open(this.server, signal));
    try {
      return await work(session);
    } finally {
      if (!session.isLost) await this.#giveBack(session);
    }
  }

  /** Closes those that nobody uses. The others are closed when they are given back to more than enough. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#forgetTimer?.();
    await Promise.all(this.#idle.splice(0).map((session) => session[Symbol.asyncDispose]()));
  }

  #takeIdle(): PostgresSession | undefined {
    for (let session = this.#idle.pop(); session !== undefined; session = this.#idle.pop()) {
      if (!session.isLost) return session;
    }
    return undefined;
  }

  async #giveBack(session: PostgresSession): Promise<void> {
    this.#forgetTimer?.();
    this.#forgetTimer = later(idleMs, () => void this[Symbol.asyncDispose]());
    if (this.#idle.length < mostIdle) this.#idle.push(session);
    else await session[Symbol.asyncDispose]();
  }
}

const ofServers = new Map<string, PostgresSessions>();

/** The sessions of this module on a server, as one account. */
export function sessionsOn(server: PostgresEndpoint): PostgresSessions {
  const key = JSON.stringify(server);
  const found = ofServers.get(key) ?? new PostgresSessions(server);
  ofServers.set(key, found);
  return found;
}

/** Closes the idle ones on a database, which would look like a leak of whoever leases it. */
export async function closeSessionsOn(server: PostgresEndpoint): Promise<void> {
  const key = JSON.stringify(server);
  const found = ofServers.get(key);
  ofServers.delete(key);
  await found?.[Symbol.asyncDispose]();
}

export async function closeSessions(): Promise<void> {
  await Promise.all([...ofServers.values()].map((sessions) => sessions[Symbol.asyncDispose]()));
}
