import { figuresOf } from './figures.js';
import type { Scenario } from './simulate.js';

const scenario: Scenario = {
  seed: 1,
  clients: 10,
  callsPerSecond: 1,
  capacity: 1.3,
  maxQueueMs: 5_000,
  outage: { from: 2, until: 4 },
  end: 20,
};
const calls = Array<number>(20).fill(10);
const inSeconds = (given: readonly number[], then: number): number[] =>
  calls.map((_, second) => given[second] ?? then);

describe('the figures of a storm', () => {
  test('are attempts a call in the outage, and the worst seconds to the normal load', () => {
    const attempts = inSeconds([90, 90, 20, 50, 18, 12], 10);
    expect(figuresOf({ calls, succeeded: calls, attempts }, scenario)).toMatchObject({
      amplification: 3.5,
      peakDuring: 5,
      peakAfter: 1.8,
    });
  });

  test('say when the calls of every second from then on succeed', () => {
    const succeeded = inSeconds([10, 10, 0, 0, 10, 9, 10, 9], 10);
    const figures = figuresOf({ calls, succeeded, attempts: calls }, scenario);
    expect(figures.recoveredAfter).toBe(4);
    expect(figures.failed).toBeCloseTo(22 / 80);
    expect(figures.failedAfter).toBeCloseTo(2 / 60);
  });

  test('say that it never recovers, whatever the last seconds hold, whose calls are under way', () => {
    const succeeded = inSeconds([10, 10, 0, 0, 10, 10, 10, 10, 10, 0], 10);
    expect(figuresOf({ calls, succeeded, attempts: calls }, scenario).recoveredAfter).toBeUndefined();
  });

  test('are zero seconds where it recovers at once', () => {
    const succeeded = inSeconds([10, 10, 0, 0], 10);
    expect(figuresOf({ calls, succeeded, attempts: calls }, scenario).recoveredAfter).toBe(0);
  });
});
