import type { Inspector } from '../inspector.js';
import { Unreadable } from '../protocol/piece.js';
import { type RedisCommand, redisCommands, redisReplies, type RedisReply } from '../protocol/resp.js';
import { inspectConnection } from './connection-inspector.js';
import type { RedisAction, RedisMatch } from './match.js';
import { instead, verdictOn } from './verdicts.js';
import type { Verdict } from './passage.js';
import type { Watch } from './triggers.js';

/** A command whose reply has not passed yet. */
interface Open {
  readonly command: RedisCommand;
  /** Its reply, if that is not the server's. */
  readonly answer?: Buffer;
  /** Pushes that it is answered by, in RESP3: one a channel. 0 for a command with a reply. */
  pushes: number;
}

/**
 * An unknown command is answered once, wherever it stands, and fails a transaction that it stands in: so in the place of
 * the command that is to fail it keeps the order of a pipeline and the state of the server.
 */
const refused = Buffer.from('*1\r\n$13\r\nSQLFLOW.FAULT\r\n');
const subscriptions = new Set(['SUBSCRIBE', 'PSUBSCRIBE', 'SSUBSCRIBE']);
const endOfSubscriptions = new Set(['UNSUBSCRIBE', 'PUNSUBSCRIBE', 'SUNSUBSCRIBE']);
const withoutReplies = new Set(['MONITOR', 'SYNC', 'PSYNC', 'CLIENT REPLY']);

export function inspectRedis(watch: Watch<RedisMatch, RedisAction>): Inspector {
  const open: Open[] = [];

  const judgeCommand = (command: RedisCommand): Verdict | undefined => {
    if (command.size === 0) return undefined;
    const due = watch.due('upstream', (match) => match.from !== 'server' && describes(match, command));
    if (due?.action.do !== 'answer') {
      open.push({ command, pushes: pushesOf(command) });
      return due && verdictOn(due.action, due);
    }
    open.push({ command, answer: errorOf(due.action), pushes: 0 });
    return instead([{ do: 'forward', bytes: refused }], due.onDone);
  };

  const judgeReply = ({ type, label = '' }: RedisReply): Verdict | Unreadable | undefined => {
    const [next] = open;
    if (type === '>') {
      const isOfCommand = isSubscription(label.toUpperCase());
      if (next && next.pushes > 0 && isOfCommand && --next.pushes === 0) open.shift();
      return undefined;
    }
    if (next === undefined) return new Unreadable('the server replies to no command');
    const name = nameOf(next.command);
    if (withoutReplies.has(name)) return new Unreadable(`replies do not follow commands after ${name}`);
    // In RESP3 a subscription is answered by pushes, or else refused.
    if (next.pushes > 0 && type !== '-')
      return new Unreadable('it subscribes in RESP2, where replies do not follow commands; use RESP3');
    open.shift();
    if (next.answer !== undefined) return instead([{ do: 'forward', bytes: next.answer }]);
    const due = watch.due('downstream', (match) => match.from === 'server' && describes(match, next.command));
    if (due === undefined) return undefined;
    if (due.action.do !== 'answer') return verdictOn(due.action, due);
    return instead([{ do: 'forward', bytes: errorOf(due.action) }], due.onDone);
  };

  return inspectConnection(
    { grammar: redisCommands, judge: judgeCommand },
    { grammar: redisReplies, judge: judgeReply },
    (why) => {
      watch.onUnreadable(why);
    },
  );
}

function describes({ command, key }: RedisMatch, { words }: RedisCommand): boolean {
  const [name = '', argument = ''] = words;
  const isIt = command.includes(' ') ? command === `${name} ${argument.toUpperCase()}` : command === name;
  return isIt && (key === undefined || key === words[1]);
}

function pushesOf({ words: [name = ''], size }: RedisCommand): number {
  return isSubscription(name) ? Math.max(1, size - 1) : 0;
}

function isSubscription(name: string): boolean {
  return subscriptions.has(name) || endOfSubscriptions.has(name);
}

/** With its subcommand, if it may be one that `withoutReplies` names. */
function nameOf({ words: [name = '', argument = ''] }: RedisCommand): string {
  return name === 'CLIENT' ? `${name} ${argument.toUpperCase()}` : name;
}

function errorOf({ error }: Extract<RedisAction, { do: 'answer' }>): Buffer {
  return Buffer.from(`-${error}\r\n`);
}
