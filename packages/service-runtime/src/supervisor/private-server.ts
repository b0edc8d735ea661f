import type { Clock } from '../clock.js';
import { ServiceFailure } from '../failure/service-failure.js';
import type { ServiceOffer } from '../service/running-service.js';
import type { Fault, Phase, ServiceStart, ServiceStatus } from './protocol.js';

/** A server and what can be done to it. Each is called only in a phase that allows it, one at a time. */
export interface BreakableServer {
  /** @throws ServiceFailure; `signal.reason`. `clear` is called all the same. */
  start(signal: AbortSignal): Promise<ServiceOffer>;
  /** Settles when the server that runs now ends, however. */
  readonly ended: Promise<unknown>;
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** Resolves when none of its processes is left, though it may have ended before. Its data stays. */
  kill(): Promise<void>;
  /** @throws ServiceFailure `FAULT_NOT_SUPPORTED` for one that cannot come back with its data. */
  assertRestarts(): void;
  /** Starts it again after a kill, on its port and with its data. @throws as `start` */
  restart(signal: AbortSignal): Promise<void>;
  fillDisk(): Promise<void>;
  freeDisk(): Promise<void>;
  /** Ends it, in whatever phase, and removes all that is left of it. */
  clear(phase: Phase): Promise<void>;
}

/** As for a shared one; an image is there by then. */
const startWithinMs = 30_000;

/** A server that one holder has alone. It ends when the holder goes, frozen or not. */
export class PrivateServer {
  #phase: Phase = 'starting';
  #offer: ServiceOffer | undefined;
  /** What is being done; a fault waits for the one before it. Never rejects. */
  #busy: Promise<unknown> = Promise.resolve();
  #stopped: Promise<void> | undefined;
  readonly #stopping = new AbortController();

  constructor(
    private readonly asked: Pick<ServiceStart, 'service' | 'provider'>,
    private readonly holder: string,
    private readonly server: BreakableServer,
    private readonly clock: Clock,
  ) {}

  /** @throws ServiceFailure if it cannot be started. It is to be stopped then all the same. */
  start(): Promise<ServiceOffer> {
    return this.#inTurn(async () => {
      const offer = await this.server.start(this.#limit());
      this.#offer = offer;
      this.#runs();
      return offer;
    });
  }

  /**
   * Does it, unless it is done already.
   *
   * @throws ServiceFailure `FAULT_NOT_POSSIBLE` in a phase that does not allow it, `FAULT_NOT_SUPPORTED`, or why it did not
   * come up again.
   */
  fault(fault: Fault): Promise<Phase> {
    return this.#inTurn(async () => {
      switch (fault) {
        case 'freeze':
          if (this.#phase === 'frozen') break;
          this.#require('running', 'be frozen');
          await this.server.freeze();
          this.#phase = 'frozen';
          break;
        case 'thaw':
          if (this.#phase === 'running') break;
          this.#require('frozen', 'be thawed');
          await this.server.thaw();
          this.#phase = 'running';
          break;
        case 'kill':
          await this.#kill();
          break;
        case 'restart':
          this.server.assertRestarts();
          await this.#kill();
          await this.server.restart(this.#limit());
          this.#runs();
          break;
        case 'fillDisk':
          await this.server.fillDisk();
          break;
        case 'freeDisk':
          await this.server.freeDisk();
          break;
      }
      return this.#phase;
    });
  }

  /** Resolves when nothing is left of it. Stopping twice is stopping once. */
  stop(): Promise<void> {
    this.#stopped ??= (async () => {
      this.#stopping.abort(new Error('nobody wants it any more'));
      await this.#busy;
      const phase = this.#phase;
      this.#phase = 'stopping';
      await this.server.clear(phase);
      this.#phase = 'stopped';
    })();
    return this.#stopped;
  }

  status(): ServiceStatus {
    return {
      ...this.asked,
      phase: this.#phase,
      private: true,
      pinned: false,
      holders: [this.holder],
      ...(this.#offer && { offer: this.#offer }),
    };
  }

  async #kill(): Promise<void> {
    await this.server.kill();
    this.#phase = 'ended';
  }

  #runs(): void {
    this.#phase = 'running';
    void this.server.ended.then(() => {
      // Be it that it was killed: then it says the same once more.
      if (this.#phase === 'running' || this.#phase === 'frozen') this.#phase = 'ended';
    });
  }

  #require(phase: Phase, todo: string): void {
    if (this.#phase !== phase) throw this.#notPossible(this.#phase, todo);
  }

  #notPossible(phase: Phase, todo: string): ServiceFailure {
    const { service } = this.asked;
    return new ServiceFailure({
      code: 'FAULT_NOT_POSSIBLE',
      service,
      summary: `The private server of ${service} is ${phase}, so it cannot ${todo}.`,
      evidence: [],
      next: [phase === 'ended' ? 'Restart it first.' : 'Look at the order of the faults.'],
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#busy.then(() => {
      if (this.#stopping.signal.aborted) throw this.#notPossible('stopped', 'do anything any more');
      return work();
    });
    this.#busy = done.catch(() => undefined);
    return done;
  }

  #limit(): AbortSignal {
    const late = new AbortController();
    this.clock.schedule(startWithinMs, () => {
      late.abort(new Error(`${this.asked.service} had ${String(startWithinMs / 1000)} s to start`));
    });
    return AbortSignal.any([this.#stopping.signal, late.signal]);
  }
}
