import type { Clock, Timer } from '../clock.js';
import type { Direction, Inspector } from './inspector.js';
import type { LaneOwner, LaneSink, LaneSource } from './lane-ends.js';
import { type Arrival, LaneWork, type Work } from './lane-work.js';
import type { WorkingToxic } from './working-toxic.js';

/**
 * Bytes that are held back at most, before the sender has to wait: of what the system and the toxics hold, this is our part.
 * With a latency it is what can be under way at once, 10 MiB/s at 100 ms.
 */
const windowBytes = 1024 * 1024;

/** Why nothing is passed at the moment. */
interface Block {
  readonly why: 'drain' | 'step' | 'over';
  readonly by?: WorkingToxic | undefined;
  timer?: Timer;
}

/** One direction of a connection: what arrives goes by the inspector and through the toxics, one step after the other. */
export class Lane {
  readonly #source: LaneSource;
  readonly #sink: LaneSink;
  readonly #owner: LaneOwner;
  readonly #clock: Clock;
  readonly #arrivals: Arrival[] = [];
  #heldBytes = 0;
  readonly #work: LaneWork;
  /** What is left to do about the arrival that is under way. */
  #steps: Iterator<Work> | undefined;
  #block: Block | undefined;
  #isAdvancing = false;
  #isPaused = false;
  #receivedBytes = 0;
  #passedBytes = 0;
  #hasEnded = false;
  #hasAnswered = false;

  constructor(
    direction: Direction,
    ends: { readonly source: LaneSource; readonly sink: LaneSink },
    owner: LaneOwner,
    clock: Clock,
    inspector?: Inspector,
  ) {
    this.#source = ends.source;
    this.#sink = ends.sink;
    this.#owner = owner;
    this.#clock = clock;
    this.#work = new LaneWork(direction, inspector);
  }

  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  get passedBytes(): number {
    return this.#passedBytes;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Works from the next byte that leaves the lane on, unless it says otherwise itself. */
  add(toxic: WorkingToxic): void {
    this.#work.add(toxic);
  }

  remove(toxic: WorkingToxic): void {
    toxic.remove();
    if (this.#block?.by === toxic) this.#unblock();
  }

  receive(bytes: Uint8Array): void {
    this.#receivedBytes += bytes.length;
    if (this.isPassing) this.#forward(bytes);
    else this.#arrive({ what: 'bytes', bytes, isAnswer: false, atMs: this.#clock.nowMs() });
    this.#holdSource();
    this.#owner.changed();
  }

  /** Takes what an inspector of the other direction sends here. */
  receiveAnswer(bytes: Uint8Array): void {
    this.#arrive({ what: 'bytes', bytes, isAnswer: true, atMs: this.#clock.nowMs() });
  }

  /** The sender has sent its last byte. */
  receiveEnd(): void {
    this.#hasEnded = true;
    this.#arrive({ what: 'end', atMs: this.#clock.nowMs() });
    this.#owner.changed();
  }

  /** The sender is gone. This is passed on behind what has arrived before. */
  receiveReset(): void {
    this.#hasEnded = true;
    // It may have ended before, and is only now gone.
    if (this.#isOver) this.#sink.reset();
    else this.#arrive({ what: 'reset' });
    this.#owner.changed();
  }

  /** The sink wants more. */
  drained(): void {
    if (this.#block?.why === 'drain') this.#unblock();
  }

  /** Passes nothing more; what arrives is thrown away. */
  stop(): void {
    this.#block?.timer?.cancel();
    this.#block = { why: 'over' };
    this.#arrivals.length = 0;
    this.#heldBytes = 0;
    this.#steps = undefined;
    this.#holdSource();
  }

  /** Calls back when what has arrived so far has been handed to the system. Never, if the lane is stopped before. */
  whenPassed(callback: () => void): void {
    this.#arrive({ what: 'mark', passed: callback });
  }

  /** Calls back when what has passed so far has been handed to the system. */
  whenFlushed(callback: () => void): void {
    this.#sink.flushed(callback);
  }

  /** Whether bytes that come go straight to the sink. */
  get isPassing(): boolean {
    return this.#isIdle && this.#work.isPlain;
  }

  get #isOver(): boolean {
    return this.#block?.why === 'over';
  }

  get #isIdle(): boolean {
    return this.#block === undefined && this.#steps === undefined && this.#arrivals.length === 0;
  }

  #arrive(arrival: Arrival): void {
    if (this.#isOver) return;
    if (arrival.what === 'bytes') this.#heldBytes += arrival.bytes.length;
    this.#arrivals.push(arrival);
    this.#advance();
  }

  #unblock(): void {
    this.#block?.timer?.cancel();
    this.#block = undefined;
    this.#advance();
  }

  /** Carries out steps until one of them has to be waited for, or nothing is left. */
  #advance(): void {
    // An inspector's answer, or a socket that drains at once, may come back here.
    if (this.#isAdvancing) return;
    this.#isAdvancing = true;
    try {
      while (this.#block === undefined) {
        const work = this.#nextWork();
        // An inspector or a toxic that is asked for a step may have ended it all.
        if (work === undefined || this.#isOver) break;
        this.#carryOut(work);
      }
    } finally {
      this.#isAdvancing = false;
    }
    this.#holdSource();
    this.#owner.changed();
  }

  #nextWork(): Work | undefined {
    for (;;) {
      const next = this.#steps?.next();
      if (next?.done === false) return next.value;
      this.#steps = undefined;
      const arrival = this.#arrivals.shift();
      if (arrival === undefined) return undefined;
      if (arrival.what === 'bytes') this.#heldBytes -= arrival.bytes.length;
      this.#steps = this.#work.on(arrival);
    }
  }

  #carryOut(work: Work): void {
    if ('answer' in work) {
      this.#hasAnswered = true;
      this.#owner.answer(work.answer);
      return;
    }
    if ('passed' in work) {
      this.#sink.flushed(work.passed);
      return;
    }
    if ('last' in work) {
      this.#block = { why: 'over' };
      if (work.last === 'end') this.#sink.end();
      else this.#sink.flushed(() => this.#sink.reset());
      return;
    }
    const { step, by, isTrigger = false } = work;
    switch (step.do) {
      case 'forward':
        if (step.bytes.length > 0) this.#forward(step.bytes);
        break;
      case 'wait':
        this.#waitUntil(this.#clock.nowMs() + step.ms, by);
        break;
      case 'wait-until':
        this.#waitUntil(step.atMs, by);
        break;
      case 'stall':
        this.#block = { why: 'step', by };
        break;
      case 'close':
      case 'reset':
        this.#block = { why: 'step' };
        this.#cut(step.do, isTrigger ? 'trigger' : 'toxic');
    }
  }

  #cut(how: 'close' | 'reset', by: 'toxic' | 'trigger'): void {
    this.#sink.flushed(() => {
      const cut = () => this.#owner.cut(how, by);
      if (this.#hasAnswered) this.#owner.answered(cut);
      else cut();
    });
  }

  #forward(bytes: Uint8Array): void {
    this.#passedBytes += bytes.length;
    if (!this.#sink.write(bytes)) this.#block = { why: 'drain' };
  }

  /** Timers may be early, so the clock is asked again. */
  #waitUntil(atMs: number, by: WorkingToxic | undefined): void {
    const leftMs = atMs - this.#clock.nowMs();
    if (leftMs <= 0) return;
    const timer = this.#clock.schedule(leftMs, () => {
      this.#block = undefined;
      this.#waitUntil(atMs, by);
      this.#advance();
    });
    this.#block = { why: 'step', by, timer };
  }

  /** Lets the sender wait while enough is held, or while the receiver does not take more. */
  #holdSource(): void {
    const isPaused = this.#heldBytes >= windowBytes || this.#block?.why === 'drain';
    if (isPaused === this.#isPaused) return;
    this.#isPaused = isPaused;
    if (isPaused) this.#source.pause();
    else this.#source.resume();
  }
}
