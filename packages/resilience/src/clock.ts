/** The longest wait that Node's timers can hold, in milliseconds: almost 25 days. */
export const longestSleepMs = 2_147_483_647;

/** Time, handed in, so that a test decides how it passes. */
export interface Clock {
  /** Monotonic milliseconds. Only the difference of two readings means anything. */
  nowMs(): number;
  /**
   * Resolves once `ms` have passed by `nowMs`, never earlier, or rejects with `signal.reason` the moment `signal` aborts.
   * After either, no timer is left.
   *
   * @param ms - From 0 to `longestSleepMs`.
   * @throws RangeError, as a rejection, for any other `ms`: a timer would turn it into 1 without a word.
   */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /**
   * Calls back once, when `ms` have passed by `nowMs`, never earlier.
   *
   * @param ms - From 0 to `longestSleepMs`.
   * @throws RangeError for any other `ms`.
   */
  schedule(ms: number, callback: () => void): Timer;
}

/** A callback that is still to come. */
export interface Timer {
  /** It does not come any more. Cancelling what has come is no error. */
  cancel(): void;
  /** Whether it keeps the process alive: it does at first. */
  hold(isHeld: boolean): void;
}

export function assertSleepable(ms: number): void {
  if (!(ms >= 0 && ms <= longestSleepMs)) {
    throw new RangeError(`cannot sleep ${String(ms)} ms; it must be from 0 to ${String(longestSleepMs)}`);
  }
}

/** The real time of this process. A pending `sleep` keeps the process alive, as work that is not finished should. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),

  async sleep(ms, signal) {
    assertSleepable(ms);
    signal?.throwIfAborted();
    const endMs = performance.now() + ms;
    // A timer counts from the start of the loop's turn and so fires up to a millisecond early.
    for (let leftMs = ms; leftMs > 0; leftMs = endMs - performance.now()) {
      await timer(Math.ceil(leftMs), signal);
    }
  },

  schedule(ms, callback) {
    assertSleepable(ms);
    const endMs = performance.now() + ms;
    let isHeld = true;
    const onTime = (): void => {
      const leftMs = endMs - performance.now();
      if (leftMs <= 0) callback();
      else handle = set(leftMs);
    };
    const set = (leftMs: number): NodeJS.Timeout => {
      const timeout = setTimeout(onTime, Math.ceil(leftMs));
      return isHeld ? timeout : timeout.unref();
    };
    let handle = set(ms);
    return {
      cancel: () => {
        clearTimeout(handle);
      },
      hold: (held) => {
        isHeld = held;
        if (held) handle.ref();
        else handle.unref();
      },
    };
  },
};

function timer(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const handle = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    const onAbort = (): void => {
      clearTimeout(handle);
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
