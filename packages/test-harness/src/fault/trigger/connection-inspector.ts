import type { Inspector } from '../inspector.js';
import type { Grammar, Unreadable } from '../protocol/piece.js';
import type { Feed } from '../protocol/feed.js';
import { Scanner } from '../protocol/scanner.js';
import { Passage, type Verdict } from './passage.js';

/** How the messages of one direction are read, and what becomes of them. */
export interface Reading<Message> {
  readonly grammar: (feed: Feed) => Grammar<Message>;
  /** `undefined`: it passes. `Unreadable`: the message, and all that follows, passes. */
  readonly judge: (message: Message) => Verdict | Unreadable | undefined;
}

/** Reads both directions until one of them cannot be read; then both pass unhindered. */
export function inspectConnection<Up, Down>(
  upstream: Reading<Up>,
  downstream: Reading<Down>,
  onUnreadable: (why: Unreadable) => void,
): Inspector {
  const onEither = (why: Unreadable) => {
    for (const passage of Object.values(passages)) passage.release();
    onUnreadable(why);
  };
  const passages = {
    upstream: new Passage(new Scanner(upstream.grammar), upstream.judge, onEither),
    downstream: new Passage(new Scanner(downstream.grammar), downstream.judge, onEither),
  };
  return {
    inspect: (direction, bytes) => passages[direction].push(bytes),
    end: (direction) => passages[direction].end(),
    get isDone() {
      return passages.upstream.isOpen && passages.downstream.isOpen;
    },
  };
}
