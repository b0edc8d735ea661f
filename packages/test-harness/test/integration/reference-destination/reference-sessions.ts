import { ConnectorError } from '@sqlflow/connector-contract';
import type { PostgresEndpoint } from '@sqlflow/service-runtime';
import { ReferenceSession } from '../reference/reference-session.js';

interface Defects {
  /** Does not look at signals. */
  readonly isDeaf: boolean;
  /** Says in its errors how it connected. */
  readonly isTelling: boolean;
}

/** One session for each thing that is done. */
export class ReferenceSessions {
  readonly #endpoint: PostgresEndpoint;
  readonly #closing = new AbortController();
  readonly #open = new Set<ReferenceSession>();

  constructor(
    private readonly what: 'destination' | 'state store',
    endpoint: PostgresEndpoint,
    private readonly defects: Defects,
  ) {
    this.#endpoint = endpoint;
  }

  /** Gives `work` a session of its own, and leaves both when a signal aborts. */
  async during<T>(
    given: AbortSignal | undefined,
    work: (session: ReferenceSession, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const closing = this.#closing.signal;
    const signal = this.defects.isDeaf || given === undefined ? closing : AbortSignal.any([closing, given]);
    signal.throwIfAborted();
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    aborted.catch(() => undefined);
    const session = await Promise.race([this.#connect(), aborted]);
    this.#open.add(session);
    try {
      return await Promise.race([work(session, signal), aborted]);
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    } finally {
      this.#open.delete(session);
      // Without a farewell: it rolls back what was not committed, and does not wait for a server that hears nothing.
      session.destroy();
    }
  }

  close(): void {
    const closed = new ConnectorError('closed', `the ${this.what} is closed`, {
      kind: 'terminal',
      effect: 'none',
    });
    this.#closing.abort(closed);
    for (const session of this.#open) session.destroy();
  }

  async #connect(): Promise<ReferenceSession> {
    try {
      return await ReferenceSession.open(this.#endpoint);
    } catch (error) {
      if (!this.defects.isTelling || !(error instanceof ConnectorError)) throw error;
      const { user, password } = this.#endpoint;
      const { kind, effect } = error;
      throw new ConnectorError(error.code, `${error.message} (postgres://${user}:${password})`, {
        kind,
        effect,
      });
    }
  }
}

/** What a server was told to commit, and did not say whether it has. */
export function unknownEffect(error: unknown): unknown {
  if (!(error instanceof ConnectorError) || error.kind === 'terminal') return error;
  const { code, kind } = error;
  return new ConnectorError(code, 'no answer came', { kind, effect: 'unknown', cause: error });
}
