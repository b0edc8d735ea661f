import { abortOf, type Attempt, type Call, invoke, onAbort } from './attempt.js';
import type { Clock } from './clock.js';
import { Deadlines } from './deadlines.js';
import { ResilienceError } from './errors.js';
import type { Notify } from './events.js';
import { definePolicy, extend, type Policy } from './policy.js';
import { assertDuration, assertWhole } from './ranges.js';
import { type Linked, LinkedList } from './linked-list.js';

export interface BulkheadOptions {
  /** How many calls may run at the same time: a whole number from 1. */
  readonly maxConcurrent: number;
  /** How many more may wait for a place; the next is rejected. 0 lets nobody wait. */
  readonly maxQueue: number;
  /** How long one may wait, in milliseconds. @defaultValue for ever */
  readonly maxWaitMs?: number;
}

export interface Bulkhead extends Policy {
  readonly running: number;
  readonly waiting: number;
}

interface Waiter extends Linked<Waiter> {
  readonly onTurn: () => void;
}

/**
 * Lets a number of calls run at a time. Others wait, first come, first served. Who is aborted while it waits gives its
 * place up at once.
 *
 * @throws RangeError at once for an option out of range.
 */
export function bulkhead({ maxConcurrent, maxQueue, maxWaitMs }: BulkheadOptions, clock: Clock): Bulkhead {
  assertWhole('maxConcurrent', maxConcurrent, 1);
  assertWhole('maxQueue', maxQueue, 0);
  if (maxWaitMs !== undefined) assertDuration('maxWaitMs', maxWaitMs);
  const deadlines = maxWaitMs === undefined ? undefined : new Deadlines(maxWaitMs, clock);
  const line = new LinkedList<Waiter>();
  let running = 0;

  /** Hands the place on to the next, or leaves it empty. */
  const release = (): void => {
    const { first } = line;
    if (first === undefined) {
      running--;
      return;
    }
    line.remove(first);
    first.onTurn();
  };
  const occupy = <T>(call: Call<T>, attempt: Attempt): Promise<T> =>
    invoke(call, attempt).then(
      (result) => {
        release();
        return result;
      },
      (error: unknown) => {
        release();
        throw error;
      },
    );
  const turn = (attempt: Attempt): Promise<void> =>
    new Promise((resolve, reject) => {
      const end = (): void => {
        unlink();
        if (deadline !== undefined) deadlines?.remove(deadline);
      };
      const refuse = (reason: unknown): void => {
        line.remove(waiter);
        end();
        reject(reason);
      };
      const onTurn = (): void => {
        end();
        resolve();
      };
      const waiter: Waiter = { onTurn, before: undefined, after: undefined, isLinked: false };
      line.append(waiter);
      const unlink = onAbort(attempt, () => {
        refuse(abortOf(attempt)?.reason);
      });
      const deadline = deadlines?.add(() => {
        refuse(
          new ResilienceError('queue-full', `no place became free in ${String(maxWaitMs)} ms (maxWaitMs)`),
        );
      });
    });
  const waitAndCall = async <T>(call: Call<T>, attempt: Attempt, notify: Notify | undefined): Promise<T> => {
    const sinceMs = clock.nowMs();
    try {
      if (line.length >= maxQueue) throw full(maxConcurrent, maxQueue);
      await turn(attempt);
    } catch (cause) {
      if (cause instanceof ResilienceError) notify?.({ type: 'rejected', by: 'bulkhead', cause });
      throw cause;
    }
    const aborted = abortOf(attempt);
    if (aborted !== undefined) {
      release();
      throw aborted.reason;
    }
    notify?.({ type: 'waited', by: 'bulkhead', waitedMs: clock.nowMs() - sinceMs });
    return occupy(call, attempt);
  };
  const policy = definePolicy((call, attempt, notify) => {
    if (running === maxConcurrent) return waitAndCall(call, attempt, notify);
    running++;
    return occupy(call, attempt);
  }, clock);
  return extend(policy, {
    get running() {
      return running;
    },
    get waiting() {
      return line.length;
    },
  });
}

function full(maxConcurrent: number, maxQueue: number): ResilienceError {
  const message = `${String(maxConcurrent)} calls run (maxConcurrent) and ${String(maxQueue)} wait (maxQueue)`;
  return new ResilienceError('queue-full', message);
}
