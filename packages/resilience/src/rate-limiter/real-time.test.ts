import { systemClock } from '../clock.js';
import { rateLimiter } from './rate-limiter.js';

// Half a minute in which nothing is done: the virtual clock shows the same in no time, but not that timers keep it.
test('on the real clock, of 15 calls at 10 a minute the last starts at 30.0 s, and none early', async () => {
  const limiter = rateLimiter({ requestsPerMinute: 10, burst: 10 }, systemClock);
  const startMs = systemClock.nowMs();
  const starts = await Promise.all(
    Array.from({ length: 15 }, () => limiter(() => Promise.resolve(systemClock.nowMs() - startMs))),
  );
  const due = [...Array<number>(10).fill(0), 6_000, 12_000, 18_000, 24_000, 30_000];
  expect(starts.map((ms, index) => ms >= (due[index] ?? NaN))).toEqual(due.map(() => true));
  // A busy machine is late, and how late it may be is no business of a test; in the wrong slot it must not be.
  expect(starts.map((ms) => Math.floor(ms / 6_000))).toEqual(due.map((ms) => ms / 6_000));
}, 60_000);
