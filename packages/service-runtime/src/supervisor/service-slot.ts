import type { Clock } from '../clock.js';
import type { RunningService, ServiceOffer } from '../service/running-service.js';
import type { ServiceName } from '../service/service-name.js';
import type { ServiceStart, ServiceStatus } from './protocol.js';

/** A service that has been started, and how to end it and clear up after it. */
export interface StartedService {
  readonly offer: ServiceOffer;
  readonly ended: RunningService['ended'];
  stop(): Promise<void>;
}

/** Starts the service. Rejects with a `ServiceFailure`, or with `signal.reason`; nothing is left of it then. */
export type StartService = (port: number | undefined, signal: AbortSignal) => Promise<StartedService>;

/** How a slot gets its service. */
export interface Starter {
  /**
   * Gets what the start needs and may take minutes for, such as an image; `say` is told how far it is. Left out, there
   * is nothing to get.
   */
  readonly prepare?: (say: (message: string) => void, signal: AbortSignal) => Promise<void>;
  readonly start: StartService;
}

/** Somebody who uses a service. Compared by identity. */
export interface Holder {
  readonly name: string;
  /** Told what takes long while the service is being started. */
  readonly onProgress?: (service: ServiceName, message: string) => void;
}

type State =
  | { readonly phase: 'stopped' }
  | { readonly phase: 'starting'; readonly offer: Promise<ServiceOffer>; readonly abort: AbortController }
  | { readonly phase: 'running'; readonly started: StartedService }
  | { readonly phase: 'stopping'; readonly gone: Promise<void> };

const stopped: State = { phase: 'stopped' };

/** A service that takes longer is not going to come up: the slowest takes 1.5 s on a quiet machine. */
const startTimeoutMs = 30_000;

/** An image of 500 MB at 1 MB/s. */
const prepareTimeoutMs = 10 * 60_000;

/**
 * One service of the workspace: started by its first holder, shared by the others, stopped some time after its last.
 * Everything that changes it happens between two awaits, so that no two callers can start or stop it at once.
 */
export class ServiceSlot {
  #state: State = stopped;
  readonly #holders = new Set<Holder>();
  #pinned = false;
  #idleTimer: { cancel(): void } | undefined;

  constructor(
    private readonly asked: Pick<ServiceStart, 'service' | 'provider'>,
    private readonly starter: Starter,
    private readonly clock: Clock,
    /** Called whenever the service has stopped. */
    private readonly onStopped: (reason: string) => void,
  ) {}

  get service(): ServiceName {
    return this.asked.service;
  }

  /**
   * Holds the service, starting it if need be. `port` counts only when it is this call that starts it.
   *
   * @throws ServiceFailure if it cannot be started; it is not held then.
   */
  async acquire(holder: Holder, port?: number): Promise<ServiceOffer> {
    this.#holders.add(holder);
    this.#idleTimer?.cancel();
    try {
      return await this.#running(holder, port);
    } catch (error) {
      this.#holders.delete(holder);
      throw error;
    }
  }

  /** Gives the service back. It stops `keepWarmMs` after the last holder has gone, at once for 0. */
  release(holder: Holder, keepWarmMs: number): void {
    if (this.#holders.delete(holder)) this.#stopWhenIdle(keepWarmMs);
  }

  pin(): void {
    this.#pinned = true;
  }

  unpin(): void {
    this.#pinned = false;
  }

  get isUsed(): boolean {
    return this.#pinned || this.#holders.size > 0;
  }

  get isStopped(): boolean {
    return this.#state.phase === 'stopped';
  }

  /** Ends the service, whoever uses it. Resolves when nothing is left of it. */
  async stop(): Promise<void> {
    this.#idleTimer?.cancel();
    if (this.#state.phase === 'starting') {
      this.#state.abort.abort(new Error('nobody wants it any more'));
      await this.#state.offer.catch(() => undefined);
    }
    if (this.#state.phase === 'running') this.#beginStop(this.#state.started, 'asked to stop');
    if (this.#state.phase === 'stopping') await this.#state.gone;
  }

  status(): ServiceStatus {
    const offer = this.#state.phase === 'running' ? this.#state.started.offer : undefined;
    return {
      service: this.service,
      provider: this.asked.provider,
      phase: this.#state.phase,
      private: false,
      pinned: this.#pinned,
      holders: [...this.#holders].map(({ name }) => name),
      ...(offer && { offer }),
    };
  }

  async #running(holder: Holder, port: number | undefined): Promise<ServiceOffer> {
    for (let end = this.#ending(); end !== undefined; end = this.#ending()) await end;
    // Who let go while waiting must not start what nobody would ever stop.
    if (!this.#holders.has(holder)) throw new Error(`${this.service} was given back before it was had`);
    const state = this.#state;
    if (state.phase === 'running') return withoutStartTime(state.started.offer);
    if (state.phase === 'starting') return state.offer;
    const starting = this.#beginStart(port);
    this.#state = starting;
    return starting.offer;
  }

  /** Resolves when a service that is on its way out is gone; `undefined` if there is none. */
  #ending(): Promise<unknown> | undefined {
    const state = this.#state;
    if (state.phase === 'stopping') return state.gone;
    const isGivenUp = state.phase === 'starting' && state.abort.signal.aborted;
    return isGivenUp ? state.offer.catch(() => undefined) : undefined;
  }

  #beginStart(port: number | undefined): Extract<State, { phase: 'starting' }> {
    const abort = new AbortController();
    const offer = this.#start(port, abort.signal).then(
      (started) => {
        this.#state = { phase: 'running', started };
        void started.ended.then((how) => {
          this.#lost(started, how);
        });
        return started.offer;
      },
      (error: unknown) => {
        this.#state = stopped;
        this.onStopped('it could not be started');
        throw error;
      },
    );
    offer.catch(() => undefined); // whoever waits for it is told; nobody may be waiting any more
    return { phase: 'starting', offer, abort };
  }

  async #start(port: number | undefined, signal: AbortSignal): Promise<StartedService> {
    const within = (ms: number): AbortSignal =>
      AbortSignal.any([signal, deadline(this.service, ms, this.clock)]);
    const { prepare, start } = this.starter;
    if (prepare !== undefined) {
      const say = (message: string): void => {
        for (const { onProgress } of this.#holders) onProgress?.(this.service, message);
      };
      await prepare(say, within(prepareTimeoutMs));
    }
    return start(port, within(startTimeoutMs));
  }

  #stopWhenIdle(keepWarmMs: number): void {
    if (this.isUsed) return;
    if (keepWarmMs === 0) {
      void this.stop();
      return;
    }
    this.#idleTimer = this.clock.schedule(keepWarmMs, () => {
      if (!this.isUsed) void this.stop();
    });
  }

  #beginStop(started: StartedService, reason: string): void {
    const stopping = started.stop().then(
      () => reason,
      // What is left is swept with the folders; the other services must not go down with this one.
      (error: unknown) => `${reason}; clearing up: ${error instanceof Error ? error.message : String(error)}`,
    );
    const gone = stopping.then((why) => {
      this.#state = stopped;
      this.onStopped(why);
    });
    this.#state = { phase: 'stopping', gone };
  }

  /** One of its processes ended without our doing: the rest is ended too, and the next holder starts it anew. */
  #lost(started: StartedService, how: string): void {
    if (this.#state.phase === 'running' && this.#state.started === started) {
      this.#beginStop(started, `it ended by itself: ${how}`);
    }
  }
}

function withoutStartTime(offer: ServiceOffer): ServiceOffer {
  const copy: { -readonly [K in keyof ServiceOffer]: ServiceOffer[K] } = { ...offer };
  delete copy.startedInMs;
  return copy;
}

function deadline(service: ServiceName, ms: number, clock: Clock): AbortSignal {
  const controller = new AbortController();
  clock.schedule(ms, () => {
    controller.abort(new Error(`${service} had ${String(ms / 1000)} s to start`));
  });
  return controller.signal;
}
