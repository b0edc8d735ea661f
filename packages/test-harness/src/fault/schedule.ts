import type { Direction } from './inspector.js';
import type { AtWork } from './plan.js';
import type { ToxicOptions } from './toxic/kinds.js';
import type { Firing } from './trigger/armed-trigger.js';
import type { Action, Match } from './trigger/match.js';

/** What the link did to a connection. Bytes are counted from 0 where a direction began, as they leave the link. */
export type ScheduleEntry = ToxicAtWork | ConnectionCut | TriggerFired;

/** A toxic worked on the bytes of a direction. */
export interface ToxicAtWork {
  readonly did: 'work';
  /** From 1, in order of making. */
  readonly connection: number;
  /** From 1, in order of adding. */
  readonly toxic: number;
  readonly options: ToxicOptions;
  readonly direction: Direction;
  readonly fromByte: number;
  /** Exclusive: where it was removed. Missing as long as it is not. */
  readonly untilByte?: number;
}

export interface ConnectionCut {
  /** `refuse`: reset before the server heard of it. */
  readonly did: 'close' | 'reset' | 'refuse';
  readonly connection: number;
  /** `test`: by a method of the link or the connection. */
  readonly by: 'toxic' | 'trigger' | 'test' | 'replay';
  /** The bytes that had passed each way. */
  readonly atByte: { readonly upstream: number; readonly downstream: number };
}

/** A trigger acted on a message. What that did to the connection is an entry of its own. */
export interface TriggerFired extends Firing {
  readonly did: 'fire';
  /** From 1, in order of setting. */
  readonly trigger: number;
  readonly match: Match;
  readonly action: Action;
}

/** What a link has done so far. */
export class Schedule {
  readonly #done: (AtWork | ConnectionCut | TriggerFired)[] = [];

  add(done: AtWork | ConnectionCut | TriggerFired): void {
    this.#done.push(done);
  }

  /** In order of beginning. */
  get entries(): readonly ScheduleEntry[] {
    return this.#done.map((done) => ('did' in done ? done : atWork(done)));
  }
}

function atWork({ toxic, connection, direction, working: { from, until } }: AtWork): ToxicAtWork {
  return {
    did: 'work',
    connection,
    toxic: toxic.number,
    options: toxic.options,
    direction,
    fromByte: from,
    ...(until !== Infinity && { untilByte: until }),
  };
}
