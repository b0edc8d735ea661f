import { type Clock, systemClock } from '@sqlflow/resilience';

/** The system's clock, which notes the waits that ended by themselves: backoffs do, deadlines that were kept do not. */
export function notingClock(): { readonly clock: Clock; readonly waitsMs: readonly number[] } {
  const waitsMs: number[] = [];
  const clock: Clock = {
    ...systemClock,
    schedule: (ms, callback) =>
      systemClock.schedule(ms, () => {
        waitsMs.push(ms);
        callback();
      }),
    async sleep(ms, signal) {
      await systemClock.sleep(ms, signal);
      waitsMs.push(ms);
    },
  };
  return { clock, waitsMs };
}
