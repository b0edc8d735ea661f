import { rateLimiter, type RateLimiterOptions, systemClock } from '@sqlflow/resilience';
import Bottleneck from 'bottleneck';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { type Compared, work } from './calls.js';
import { bottleneck, flexible } from './peers.js';

/** More tokens than are ever spent here: nobody waits. */
export const plenty: RateLimiterOptions = { requestsPerSecond: 1e9, burst: 1e9 };
export const plentyFlexible = { points: 1e9, duration: 60 };
const keyCount = 100_000;

function oneForAll(): Compared {
  const ours = rateLimiter(plenty, systemClock);
  const reservoir = { reservoir: 1e9, reservoirRefreshAmount: 1e9, reservoirRefreshInterval: 60_000 };
  const shaped = new Bottleneck(reservoir);
  const counted = new RateLimiterMemory(plentyFlexible);
  return {
    group: 'rate limiter',
    ours: { ours: () => ours(work) },
    peers: {
      [flexible]: async () => {
        await counted.consume('all');
        return work();
      },
      [bottleneck]: () => shaped.schedule(work),
    },
  };
}

/** Tokens come slowly enough for every key to stay in use. */
function byKey(): Compared {
  const ours = rateLimiter({ requestsPerMinute: 1, burst: 1e6 }, systemClock);
  const counted = new RateLimiterMemory({ points: 1e6, duration: 1_000_000 });
  const keys = Array.from({ length: keyCount }, (_, index) => `customer ${index}`);
  let next = 0;
  const nextKey = (): string => keys[next++ % keyCount] ?? '';
  return {
    group: `rate limiter, ${keyCount.toLocaleString('en')} keys in turn`,
    ours: { 'ours, limiter.for({ key })': () => ours.for({ key: nextKey() })(work) },
    peers: {
      [flexible]: async () => {
        await counted.consume(nextKey());
        return work();
      },
    },
  };
}

export const limiterGroups: readonly Compared[] = [oneForAll(), byKey()];
