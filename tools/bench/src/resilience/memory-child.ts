// Prints what one of many takes, in bytes of heap, or how many keys are remembered. Started by memory.ts.
import { rateLimiter, systemClock } from '@sqlflow/resilience';
import { VirtualClock } from '@sqlflow/resilience/testing';
import Bottleneck from 'bottleneck';
import { RateLimiterMemory, RateLimiterQueue } from 'rate-limiter-flexible';
import { collectGarbage, work } from './calls.js';

/** Adds one. What is returned is kept, as a caller would keep it. */
type Add = (index: number) => unknown;

const onePerHour = { requestsPerMinute: 1 / 60, burst: 1 };
const hour = 3_600;

const heldInHeap = {
  waiters: (): Add => {
    const limiter = rateLimiter(onePerHour, systemClock);
    return () => limiter(work);
  },
  'waiters-bottleneck': (): Add => {
    const limiter = new Bottleneck({ minTime: hour * 1_000 });
    return () => limiter.schedule(work);
  },
  'waiters-flexible': (): Add => {
    const queue = new RateLimiterQueue(new RateLimiterMemory({ points: 1, duration: hour }), {
      maxQueueSize: 1e9,
    });
    return () => queue.removeTokens(1);
  },
  promises: (): Add => {
    const resolves: unknown[] = [];
    return () => new Promise((resolve) => resolves.push(resolve));
  },
  keys: (): Add => {
    const limiter = rateLimiter(onePerHour, systemClock);
    return (index) => void limiter.for({ key: `customer ${index}` })(work);
  },
  'keys-flexible': (): Add => {
    const limiter = new RateLimiterMemory({ points: 1, duration: hour });
    return (index) => void limiter.consume(`customer ${index}`);
  },
  'keys-bottleneck': (): Add => {
    const limiters = new Bottleneck.Group({ minTime: hour * 1_000 });
    return (index) => void limiters.key(`customer ${index}`).schedule(work);
  },
} as const;
type InHeap = keyof typeof heldInHeap;

export type Held = InHeap | 'remembered-in-use' | 'remembered-idle';

async function bytesOfEach(make: () => Add, count: number): Promise<number> {
  const add = make();
  const kept: unknown[] = [add]; // with all that it holds
  for (let index = 0; index < 1_000; index++) kept.push(add(index)); // what is made once
  const before = await heapUsed();
  for (let index = 1_000; index < count + 1_000; index++) kept.push(add(index));
  const after = await heapUsed();
  return kept.length === count + 1_001 ? (after - before) / count : NaN;
}

async function heapUsed(): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 100)); // whoever works behind our back does it now
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

async function rememberedKeys(count: number, isIdle: boolean): Promise<number> {
  const clock = new VirtualClock();
  const limiter = rateLimiter(onePerHour, clock);
  for (let index = 0; index < count; index++) await limiter.for({ key: `customer ${index}` })(work);
  if (isIdle) {
    await clock.advance(hour * 1_000);
    for (let index = 0; index < count + 1; index++) void limiter.for({ key: 'in use' })(work);
  }
  return limiter.rememberedKeys;
}

const [held, countText] = process.argv.slice(2);
const count = Number(countText);
const make = heldInHeap[held as InHeap] as (() => Add) | undefined;
const figure =
  make === undefined
    ? await rememberedKeys(count, held === 'remembered-idle')
    : await bytesOfEach(make, count);
process.stdout.write(figure.toFixed(0));
process.exit(0);
