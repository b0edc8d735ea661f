import { HarnessError } from '../../harness-error.js';
import type { Direction, Inspector } from '../inspector.js';
import { Unreadable } from '../protocol/piece.js';
import type { TriggerFired } from '../schedule.js';
import {
  ArmedTrigger,
  type Due,
  type FiredBefore,
  type Trigger,
  type TriggerOptions,
} from './armed-trigger.js';
import { checkTrigger } from './check.js';
import { inspectPostgres } from './inspect-postgres.js';
import { inspectRedis } from './inspect-redis.js';
import { inspectS3 } from './inspect-s3.js';
import type {
  Action,
  Match,
  PostgresAction,
  PostgresMatch,
  Protocol,
  RedisAction,
  RedisMatch,
  S3Action,
  S3Match,
} from './match.js';

/** Sets a fault to a message of a protocol. */
export interface When {
  (match: PostgresMatch, action: PostgresAction, options?: TriggerOptions): Trigger;
  (match: S3Match, action: S3Action, options?: TriggerOptions): Trigger;
  (match: RedisMatch, action: RedisAction, options?: TriggerOptions): Trigger;
}

/** What the triggers of a link see of one of its connections. */
export interface Watch<M extends Match, A extends Action> {
  /**
   * Counts a message for the triggers that describe it, in the order in which they were set, up to the first that is to
   * act on it: those behind it do not count it.
   */
  due(direction: Direction, describes: (match: M) => boolean): Due<A> | undefined;
  /** Nothing more is seen of the connection. */
  onUnreadable(why: Unreadable): void;
}

export interface TriggersOptions {
  /** That of the link, if it is said; else it is that of the first trigger. */
  readonly protocol?: Protocol | undefined;
  /** What the triggers of another run have done: these do the same. */
  readonly again?: readonly FiredBefore[] | undefined;
  /** Told of each firing. */
  readonly onFired: (fired: TriggerFired) => void;
}

/** The triggers of one link. */
export class Triggers {
  readonly #onFired: TriggersOptions['onFired'];
  readonly #again: TriggersOptions['again'];
  #protocol: Protocol | undefined;
  #set = 0;
  readonly #armed = new Set<ArmedTrigger>();
  /** Open connections that cannot be read. */
  readonly #unreadable = new Map<number, Unreadable>();

  constructor({ protocol, again, onFired }: TriggersOptions) {
    this.#protocol = protocol;
    this.#again = again;
    this.#onFired = onFired;
  }

  /** @throws HarnessError `invalid-option`. */
  readonly when: When = (match: Match, action: Action, options: TriggerOptions = {}): Trigger => {
    checkTrigger(match, action, options);
    this.#protocol ??= match.protocol;
    if (match.protocol !== this.#protocol) {
      throw new HarnessError(
        'invalid-option',
        `protocol is ${match.protocol}, and that of this link is ${this.#protocol}; make a link for each`,
      );
    }
    this.#set++;
    const trigger: ArmedTrigger = new ArmedTrigger({
      number: this.#set,
      match,
      action,
      isOptional: options.optional ?? false,
      again: this.#again,
      onRemove: () => {
        this.#armed.delete(trigger);
      },
    });
    this.#armed.add(trigger);
    for (const [connection, why] of this.#unreadable) trigger.noteUnreadable(connection, why);
    return trigger;
  };

  /** A connection is made. It is read from here on to its end, or never. */
  opened(connection: number): Inspector | undefined {
    switch (this.#protocol) {
      case 'postgres':
        return inspectPostgres(this.#watch<PostgresMatch, PostgresAction>(connection));
      case 's3':
        return inspectS3(this.#watch<S3Match, S3Action>(connection));
      case 'redis':
        return inspectRedis(this.#watch<RedisMatch, RedisAction>(connection));
      case undefined:
        this.#unreadable.set(connection, beganBefore);
        return undefined;
    }
  }

  closed(connection: number): void {
    this.#unreadable.delete(connection);
  }

  /** The link is disposed. @throws HarnessError `not-fired` or `unsupported` if a trigger has not acted as it was to. */
  verify(): void {
    const complaints = [...this.#armed].flatMap((trigger) => trigger.complaint() ?? []);
    for (const trigger of this.#armed) trigger.remove();
    const [first] = complaints;
    if (first === undefined) return;
    if (complaints.length === 1) throw first;
    const all = complaints.map(({ message }) => message).join('\n');
    throw new HarnessError(first.code, `${complaints.length} triggers:\n${all}`);
  }

  // The type parameters go with the protocol of the link, which `when` has checked for each trigger.
  #watch<M extends Match, A extends Action>(connection: number): Watch<M, A> {
    return {
      due: (direction, describes) => {
        for (const trigger of this.#armed as Set<ArmedTrigger<M, A>>) {
          const nthOfConnection = describes(trigger.match) ? trigger.count(connection) : undefined;
          if (nthOfConnection === undefined) continue;
          const { number, match, action } = trigger;
          return {
            action,
            onDone: (atByte) => {
              const firing = { connection, direction, nthOfConnection, atByte };
              trigger.fire(firing);
              this.#onFired({ did: 'fire', ...firing, trigger: number, match, action });
            },
            onMissed: () => {
              trigger.note('a body was not longer than what was to pass of it');
            },
          };
        }
        return undefined;
      },
      onUnreadable: (why) => {
        this.#unreadable.set(connection, why);
        for (const trigger of this.#armed) trigger.noteUnreadable(connection, why);
      },
    };
  }
}

const beganBefore = new Unreadable(
  'it was made before the first trigger was set; set one before, or name the protocol of the link',
);
