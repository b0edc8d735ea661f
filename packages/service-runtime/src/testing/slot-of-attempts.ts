import { setImmediate } from 'node:timers/promises';
import { ServiceSlot, type StartedService, type Starter } from '../supervisor/service-slot.js';
import { deferred } from './deferred.js';
import { VirtualClock } from './virtual-clock.js';

/** One start of the fake service, settled by the test. */
export class Attempt {
  readonly #outcome = deferred<StartedService>();
  readonly #ended = deferred<string>();
  readonly #gone = deferred<undefined>();
  #isUp = false;
  stops = 0;
  isAlive = true;

  constructor(
    readonly port: number | undefined,
    readonly signal: AbortSignal,
  ) {
    signal.addEventListener('abort', () => {
      this.fail(signal.reason);
    });
  }

  get outcome(): Promise<StartedService> {
    return this.#outcome.promise;
  }

  succeed(): void {
    this.#isUp = this.isAlive;
    this.#outcome.resolve({
      offer: {
        service: 'redis',
        provider: 'local',
        endpoint: { host: '127.0.0.1', port: 6379 },
        version: 'Redis 7',
        startedInMs: 9,
      },
      ended: this.#ended.promise,
      stop: () => {
        this.stops++;
        return this.#gone.promise;
      },
    });
  }

  /** Has no effect on a service that has come up. */
  fail(reason: unknown): void {
    if (this.#isUp) return;
    this.isAlive = false;
    this.#outcome.reject(reason);
  }

  /** It ends without having been told to. */
  die(): void {
    this.#ended.resolve('exit code 1');
  }

  /** What `stop` waited for has happened. */
  finishStop(): void {
    this.isAlive = false;
    this.#gone.resolve(undefined);
  }

  failStop(reason: Error): void {
    this.isAlive = false;
    this.#gone.reject(reason);
  }
}

/** A slot whose service starts and stops when the test says so, on a clock that the test moves. */
export function slotOfAttempts(prepare?: Starter['prepare']) {
  const clock = new VirtualClock();
  const attempts: Attempt[] = [];
  const stoppedBecause: string[] = [];
  const slot = new ServiceSlot(
    { service: 'redis', provider: 'local' },
    {
      ...(prepare && { prepare }),
      start: (port, signal) => {
        const attempt = new Attempt(port, signal);
        attempts.push(attempt);
        return attempt.outcome;
      },
    },
    clock,
    (reason) => stoppedBecause.push(reason),
  );
  /** Lets all that follows from the last step happen. */
  const settle = async (): Promise<void> => {
    for (let round = 0; round < 3; round++) await setImmediate();
  };
  return { clock, attempts, stoppedBecause, slot, settle };
}
