import type { Clock } from '../clock.js';
import type { OwnedProcess } from '../process/owned-process.js';

/**
 * A protocol round trip that only a service that can be used answers. A listening port is not enough.
 *
 * @returns what answered, such as `Redis 7.0.15`
 * @throws whatever kept it from answering; also when `signal` aborts
 */
export type Probe<E> = (endpoint: E, signal: AbortSignal) => Promise<string>;

export type Readiness =
  | { readonly ready: true; readonly version: string }
  /** `ended` holds the process that ended while it was waited for; without it, `signal` aborted. */
  | { readonly ready: false; readonly lastError: unknown; readonly ended?: OwnedProcess };

/** How long between two probes: a local PostgreSQL starts in 25 ms and Redis in 9 ms, so this loses little. */
const probeIntervalMs = 3;

/** A probe that hangs for longer is given up, and made again. */
const longestProbeMs = 5_000;

/** Probes until the service answers, one of its processes ends, or `signal` aborts. */
export async function untilReady<E>(
  probe: Probe<E>,
  endpoint: E,
  processes: readonly OwnedProcess[],
  clock: Clock,
  signal: AbortSignal,
): Promise<Readiness> {
  let lastError: unknown = new Error('it was never probed');
  for (;;) {
    const ended = processes.find((process) => process.exitStatus() !== undefined);
    if (ended !== undefined) return { ready: false, lastError, ended };
    if (signal.aborted) return { ready: false, lastError };
    try {
      return {
        ready: true,
        version: await probe(endpoint, AbortSignal.any([signal, AbortSignal.timeout(longestProbeMs)])),
      };
    } catch (error) {
      lastError = error;
      await clock.sleep(probeIntervalMs, signal).catch(() => undefined);
    }
  }
}
