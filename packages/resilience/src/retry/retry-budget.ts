import { assertWhole } from '../ranges.js';

/** The defaults are those of the AWS SDKs of November 2026. */
export interface RetryBudgetOptions {
  /** Tokens that it holds at most, and at first: a whole number from 1. @defaultValue 500 */
  readonly capacity?: number;
  /** Tokens that a retry costs. @defaultValue 14 */
  readonly cost?: number;
  /** The same after an error by which the server only asks for less. @defaultValue 5 */
  readonly throttlingCost?: number;
  /** Tokens that a call gives back that succeeds at once. One that succeeds after retries gets the last retry's back. @defaultValue 1 */
  readonly refund?: number;
}

/**
 * Tokens for retries, shared by all who call one server. While most calls succeed there are enough; when most fail they
 * are soon spent, and then calls fail without a retry, so that a server in trouble is not asked several times as much.
 */
export interface RetryBudget {
  readonly tokens: number;
  /** Pays for a retry. @returns what it cost; `false` if there are not enough tokens, and nothing is paid then */
  pay(isThrottled: boolean): number | false;
  /** Gives back what was paid for a retry that succeeded. */
  refund(tokens: number): void;
  /** A call has succeeded at once. */
  succeeded(): void;
}

/** @throws RangeError for an option out of range. */
export function retryBudget(options: RetryBudgetOptions = {}): RetryBudget {
  const { capacity = 500, cost = 14, throttlingCost = 5, refund = 1 } = options;
  assertWhole('capacity', capacity, 1);
  assertWhole('cost', cost, 1, capacity);
  assertWhole('throttlingCost', throttlingCost, 1, capacity);
  assertWhole('refund', refund, 0, capacity);
  let tokens = capacity;
  const add = (added: number): void => {
    tokens = Math.min(capacity, tokens + added);
  };
  return {
    get tokens() {
      return tokens;
    },
    pay: (isThrottled) => {
      const price = isThrottled ? throttlingCost : cost;
      if (tokens < price) return false;
      tokens -= price;
      return price;
    },
    refund: add,
    succeeded: () => {
      add(refund);
    },
  };
}
