import { within } from '../../deadline.js';
import { HarnessError } from '../../harness-error.js';
import type { Direction } from '../inspector.js';
import type { Unreadable } from '../protocol/piece.js';
import type { Action, Match } from './match.js';

/** Where a trigger has acted. */
export interface Firing {
  /** The number of the connection on the link, from 1 on. */
  readonly connection: number;
  readonly direction: Direction;
  /** Which of the messages of that connection that the trigger describes, from 1 on. */
  readonly nthOfConnection: number;
  /** Bytes that the link had got in that direction, up to the place. */
  readonly atByte: number;
}

/** What is known of a firing to do it again. */
export interface FiredBefore extends Pick<Firing, 'connection' | 'nthOfConnection'> {
  /** From 1, in order of setting. */
  readonly trigger: number;
}

export interface FiringOptions {
  readonly signal?: AbortSignal;
  /** Milliseconds, more than 0. @defaultValue 10_000 */
  readonly timeoutMs?: number;
}

export interface TriggerOptions {
  /** Whether the link may be disposed though the trigger has not acted as often as it was to. @defaultValue false */
  readonly optional?: boolean;
}

/** A fault that waits for its message. */
export interface Trigger {
  /** How often it has acted. */
  readonly fired: number;
  /**
   * Where it has acted for the first time, as soon as it has.
   *
   * @throws HarnessError `timeout`; `unsupported` if a connection is encrypted; `closed` if it is removed, or its link disposed, before it acts.
   * @throws `signal.reason` on abort.
   */
  firing(options?: FiringOptions): Promise<Firing>;
  /** From now on it neither acts nor counts, and nobody asks whether it has acted. */
  remove(): void;
}

/** What a trigger is told about the message that it acts on. */
export interface Due<A extends Action = Action> {
  readonly action: A;
  readonly onDone: (atByte: number) => void;
  readonly onMissed: () => void;
}

const defaultTimeoutMs = 10_000;

export interface Arming<M extends Match, A extends Action> {
  /** From 1, in order of setting. */
  readonly number: number;
  readonly match: M;
  readonly action: A;
  readonly isOptional: boolean;
  /** In a replay it acts on those of these that are its own, and on no others. */
  readonly again?: readonly FiredBefore[] | undefined;
  readonly onRemove: () => void;
}

export class ArmedTrigger<M extends Match = Match, A extends Action = Action> implements Trigger {
  readonly number: number;
  readonly match: M;
  readonly action: A;
  /** As it was given to `when`. */
  readonly name: string;
  readonly #arming: Arming<M, A>;
  readonly #first: Promise<Firing>;
  #settle: { resolve: (firing: Firing) => void; reject: (error: HarnessError) => void } | undefined;
  readonly #counts = new Map<number, number>();
  readonly #notes = new Set<string>();
  #isUnseeing = false;
  #matched = 0;
  #fired = 0;

  constructor(arming: Arming<M, A>) {
    ({ number: this.number, match: this.match, action: this.action } = arming);
    this.#arming = arming;
    this.name = `when(${shown(this.match)}, ${shown(this.action)})`;
    this.#first = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
    // Whoever does not ask for it is not told of it in this way.
    this.#first.catch(() => undefined);
  }

  get fired(): number {
    return this.#fired;
  }

  firing({ signal, timeoutMs = defaultTimeoutMs }: FiringOptions = {}): Promise<Firing> {
    const say = () => `${this.name}, which has not fired: ${this.#sayNotes()}; waiting for it`;
    return within(
      {
        get what() {
          return say();
        },
        ms: timeoutMs,
        signal,
      },
      () => this.#first,
    );
  }

  remove(): void {
    this.#arming.onRemove();
    this.#settle?.reject(
      new HarnessError('closed', `${this.name} was removed, or its link disposed, before it fired`),
    );
  }

  /** Counts a message that it describes. @returns which one of its connection it is, if it is to be acted on. */
  count(connection: number): number | undefined {
    const { nth = 1, times = 1, per = 'link' } = this.match;
    const { again } = this.#arming;
    const ofConnection = (this.#counts.get(connection) ?? 0) + 1;
    this.#counts.set(connection, ofConnection);
    this.#matched++;
    const count = per === 'link' ? this.#matched : ofConnection;
    const isDue = again
      ? again.some(
          (fired) =>
            fired.trigger === this.number &&
            fired.connection === connection &&
            fired.nthOfConnection === ofConnection,
        )
      : count >= nth && count < nth + times;
    return isDue ? ofConnection : undefined;
  }

  fire(firing: Firing): void {
    this.#fired++;
    this.#settle?.resolve(firing);
  }

  /** Something that it may have missed its messages for. */
  note(text: string): void {
    this.#notes.add(text);
  }

  /** It cannot see the messages of a connection. */
  noteUnreadable(connection: number, why: Unreadable): void {
    const text = `connection ${connection} cannot be read: ${why.message}`;
    this.note(text);
    this.#isUnseeing = true;
    if (!why.isEncrypted) return;
    this.#settle?.reject(new HarnessError('unsupported', `${this.name} cannot fire: ${text}`));
  }

  /** What is to be said when the link is disposed. */
  complaint(): HarnessError | undefined {
    const { times = 1 } = this.match;
    if (this.#arming.isOptional || this.#fired >= (times === Infinity ? 1 : times)) return undefined;
    const often = this.#fired === 0 ? 'has not fired' : `has fired ${this.#fired} of ${times} times`;
    const remedy = 'What the test shows is not shown under this fault; { optional: true } allows it';
    return new HarnessError(
      this.#isUnseeing ? 'unsupported' : 'not-fired',
      `${this.name} ${often}: ${this.#sayNotes()}. ${remedy}`,
    );
  }

  #sayNotes(): string {
    const seen = `${this.#matched} ${this.#matched === 1 ? 'message' : 'messages'} matched`;
    return [seen, ...this.#notes].join('; ');
  }
}

/** JSON has no word for `Infinity`. */
function shown(given: object): string {
  return JSON.stringify(given, (_, value: unknown) => (value === Infinity ? 'Infinity' : value));
}
