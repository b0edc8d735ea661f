import { ConnectorError } from '@sqlflow/connector-contract';
import { type Policy, timeout } from '@sqlflow/resilience';
import { endTransaction, transactionId, transactionStatus } from './plan/transaction-fate.js';
import type { SessionPool } from './session/session-pool.js';
import type { WriteSession } from './write-session.js';

/** How long it is tried to find out what became of a transaction. */
const findOutMs = 15_000;
/** The same after an abort, which must end soon. */
const findOutAtAbortMs = 1_000;
/** How long a transaction whose client is gone may go on before its process is ended. */
const leftAloneMs = 1_000;
const askAgainMs = 50;

/** What can be the reason that no answer to a COMMIT came. Any other error is the server's own No. */
const withoutAnswer: ReadonlySet<string> = new Set(['connection-lost', 'timeout', 'unavailable']);

type Fate = 'committed' | 'aborted' | 'unknown';

/**
 * Commits, and gives the connection back. If no answer comes, the server is asked on another connection what became of the
 * transaction.
 *
 * @param policy - How often it is tried to make that connection.
 * @throws ConnectorError that is transient and says by its `effect` whether the write may have taken place.
 * @throws `signal.reason` if the signal aborts before the transaction has committed.
 */
export async function commit(write: WriteSession, pool: SessionPool, policy: Policy): Promise<void> {
  const { session, doing, signal } = write;
  const [transaction] = await write.query(transactionId);
  const id = transaction?.['id'] ?? '';
  try {
    await session.commit(doing, signal);
    session.giveBack();
  } catch (error) {
    const isOpen = signal.aborted || (error instanceof ConnectorError && withoutAnswer.has(error.code));
    if (!isOpen) throw error;
    // It may be the only one that there can be.
    await session.close();
    const fate = await new FateFinder(id, doing, pool, policy).find(signal.aborted);
    if (fate === 'committed') return;
    signal.throwIfAborted();
    throw unanswered(error, doing, fate);
  }
}

class FateFinder {
  constructor(
    private readonly id: string,
    private readonly doing: string,
    private readonly pool: SessionPool,
    private readonly policy: Policy,
  ) {}

  /** @param isHurried - Finds out soon, or not at all. */
  async find(isHurried: boolean): Promise<Fate> {
    const { clock } = this.pool;
    const startMs = clock.nowMs();
    const timeoutMs = isHurried ? findOutAtAbortMs : findOutMs;
    const limited = timeout({ timeoutMs, error: () => new Error('not found out in time') }, clock);
    try {
      return await limited(async ({ signal = new AbortController().signal }) => {
        for (;;) {
          const isLeftAlone = !isHurried && clock.nowMs() - startMs < leftAloneMs;
          const status = await this.policy((attempt) => this.#ask(isLeftAlone, attempt.signal), signal);
          if (status === 'committed' || status === 'aborted') return status;
          if (status === undefined) return 'unknown';
          await clock.sleep(askAgainMs, signal);
        }
      });
    } catch {
      return 'unknown';
    }
  }

  /** What the server says, `undefined` if it has forgotten. Unless it is left alone, what is in progress is ended. */
  async #ask(isLeftAlone: boolean, signal: AbortSignal | undefined): Promise<string | undefined> {
    const { id, doing } = this;
    const session = await this.pool.borrow(signal);
    try {
      const [row] = await session.query(transactionStatus(id), doing, signal, { commit: true });
      const status = row?.['status'] ?? undefined;
      if (status === 'in progress' && !isLeftAlone) {
        await session.query(endTransaction(id), doing, signal, { commit: true });
      }
      session.giveBack();
      return status;
    } finally {
      await session.close();
    }
  }
}

function unanswered(error: unknown, doing: string, fate: Fate): ConnectorError {
  const code = error instanceof ConnectorError ? error.code : 'connection-lost';
  const [effect, what] =
    fate === 'aborted'
      ? (['none', 'the server says that nothing was written'] as const)
      : (['unknown', 'whether it was written could not be found out'] as const);
  return new ConnectorError(code, `${doing} failed: no answer came to the COMMIT, and ${what}`, {
    kind: 'transient',
    effect,
    cause: error,
  });
}
