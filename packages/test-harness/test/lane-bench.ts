import type { Inspector } from '../src/fault/inspector.js';
import { Lane } from '../src/fault/lane.js';
import { randomAt } from '../src/fault/random-at.js';
import { openToxic, type ToxicOptions } from '../src/fault/toxic/kinds.js';
import { WorkingToxic } from '../src/fault/working-toxic.js';
import { VirtualClock } from './virtual-clock.js';

export interface Written {
  readonly text: string;
  readonly atMs: number;
}

/** A lane without sockets, in virtual time that begins at 0. */
export class LaneBench {
  readonly clock = new VirtualClock();
  readonly written: Written[] = [];
  /** What happened besides: `end`, `reset`, `close by toxic`, `pause`, … with its time. */
  readonly events: string[] = [];
  readonly answers: string[] = [];
  /** Whether the sink takes what is written and wants more. */
  isTaking = true;
  readonly lane: Lane;
  readonly #beginMs = this.clock.nowMs();

  constructor(
    readonly seed = 7,
    inspector?: Inspector,
  ) {
    const note = (event: string) => this.events.push(`${event} at ${String(this.nowMs)}`);
    const source = { pause: () => void note('pause'), resume: () => void note('resume') };
    const sink = {
      write: (bytes: Uint8Array) => {
        this.written.push({ text: Buffer.from(bytes).toString('latin1'), atMs: this.nowMs });
        return this.isTaking;
      },
      flushed: (callback: () => void) => callback(),
      end: () => void note('end'),
      reset: () => void note('reset'),
    };
    const owner = {
      cut: (how: string, by: string) => {
        note(`${how} by ${by}`);
        this.lane.stop();
      },
      answer: (bytes: Uint8Array) => void this.answers.push(Buffer.from(bytes).toString('latin1')),
      answered: (callback: () => void) => callback(),
      changed: () => undefined,
    };
    this.lane = new Lane('downstream', { source, sink }, owner, this.clock, inspector);
  }

  get nowMs(): number {
    return this.clock.nowMs() - this.#beginMs;
  }

  get text(): string {
    return this.written.map(({ text }) => text).join('');
  }

  add(options: ToxicOptions, number = 1): { remove(): void } {
    const from = this.lane.passedBytes;
    const toxic = new WorkingToxic(
      openToxic(options, { random: randomAt(this.seed, 1, 1, number), from }),
      from,
    );
    this.lane.add(toxic);
    return { remove: () => this.lane.remove(toxic) };
  }

  receive(text: string): void {
    this.lane.receive(Buffer.from(text, 'latin1'));
  }
}
