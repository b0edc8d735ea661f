import type { Random } from '@sqlflow/resilience';
import { seededRandom, VirtualClock } from '@sqlflow/resilience/testing';
import { Server } from './server.js';
import type { Variant } from './variants.js';

/** All times in seconds from the beginning. */
export interface Scenario {
  readonly seed: number;
  /** Each is a process: it has its own policies. */
  readonly clients: number;
  readonly callsPerSecond: number;
  /** Of all calls together, times this is what the server can do. */
  readonly capacity: number;
  readonly maxQueueMs: number;
  readonly outage: { readonly from: number; readonly until: number };
  readonly end: number;
}

/** What happened in each second. */
export interface Course {
  /** Calls that were made. */
  readonly calls: readonly number[];
  /** Of these, the ones that came to a result, then or later. */
  readonly succeeded: readonly number[];
  /** Attempts that reached the server. */
  readonly attempts: readonly number[];
}

/** Lets it happen in virtual time. The same scenario always takes the same course. */
export async function simulate(scenario: Scenario, variant: Variant): Promise<Course> {
  const { clients, callsPerSecond, capacity, maxQueueMs, outage, end, seed } = scenario;
  const clock = new VirtualClock();
  const perSecond = (): number[] => Array<number>(end).fill(0);
  const course = { calls: perSecond(), succeeded: perSecond(), attempts: perSecond() };
  const count = (counts: number[], second: number): void => {
    counts[second] = (counts[second] ?? 0) + 1;
  };
  const second = (): number => Math.floor(clock.nowMs() / 1_000);
  const server = new Server(
    {
      requestsPerSecond: clients * callsPerSecond * capacity,
      maxQueueMs,
      outage: { fromMs: outage.from * 1_000, untilMs: outage.until * 1_000 },
    },
    clock,
    () => {
      count(course.attempts, second());
    },
  );
  const runClient = async (random: Random): Promise<void> => {
    const policy = variant(clock, random);
    for (;;) {
      // Calls come independently of each other, at a mean rate, and wait for none before them.
      await clock.sleep((-Math.log(1 - random()) * 1_000) / callsPerSecond);
      const made = second();
      if (made >= end) return;
      count(course.calls, made);
      policy(() => server.request()).then(
        () => {
          count(course.succeeded, made);
        },
        () => undefined,
      );
    }
  };
  for (let client = 0; client < clients; client++) void runClient(seededRandom(seed + client));
  await clock.advance(end * 1_000 - 1);
  return course;
}
