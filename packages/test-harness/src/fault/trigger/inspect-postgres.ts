import type { Inspector, Instruction } from '../inspector.js';
import {
  type PostgresMessage,
  PostgresGrammars,
  sqlStateOf,
  statementOf,
  tagOf,
} from '../protocol/postgres.js';
import type { PostgresClientMessage } from '../protocol/postgres-messages.js';
import { copyFail, errorResponse, parse, query } from '../protocol/postgres-write.js';
import { inspectConnection } from './connection-inspector.js';
import type { PostgresAction, PostgresMatch } from './match.js';
import { instead, verdictOn } from './verdicts.js';
import { type Verdict } from './passage.js';
import type { Watch } from './triggers.js';

/**
 * An answer with `ERROR` needs a server that has failed too: else it would be in another state of the transaction than the
 * client believes, and a pipeline would go on. So the server is sent something that it cannot but refuse, with a mark,
 * and the words of its refusal are replaced.
 */
interface Refusal {
  readonly mark: string;
  readonly bytes: Buffer;
}

export function inspectPostgres(watch: Watch<PostgresMatch, PostgresAction>): Inspector {
  const grammars = new PostgresGrammars();
  const refusals: Refusal[] = [];
  let marks = 0;

  const judgeClient = (message: PostgresMessage<PostgresClientMessage>): Verdict | undefined => {
    const due = watch.due('upstream', (match) => match.from === 'client' && describesClient(match, message));
    if (due === undefined) return undefined;
    const { action, onDone } = due;
    if (action.do !== 'answer') return verdictOn(action, due);
    const bytes = failure(action);
    if (action.severity === 'FATAL') {
      return instead([{ do: 'answer', bytes }, { do: 'close' }], onDone);
    }
    const mark = `sqlflow_fault_${++marks}_`;
    refusals.push({ mark, bytes });
    return instead([{ do: 'forward', bytes: refused(message.name, mark) }], onDone);
  };

  const judgeServer = (message: PostgresMessage<string>): Verdict | undefined => {
    const refusal = refusals.findIndex(
      ({ mark }) => message.name === 'ErrorResponse' && message.content.includes(mark),
    );
    if (refusal !== -1) {
      return instead(refusals.splice(refusal, 1).map(({ bytes }): Instruction => ({ do: 'forward', bytes })));
    }
    const due = watch.due(
      'downstream',
      (match) => match.from === 'server' && describesServer(match, message),
    );
    if (due === undefined) return undefined;
    const { action, onDone } = due;
    if (action.do !== 'answer') return verdictOn(action, due);
    return instead([{ do: 'forward', bytes: failure(action) }, { do: 'close' }], onDone);
  };

  return inspectConnection(
    { grammar: (feed) => grammars.client(feed), judge: judgeClient },
    { grammar: (feed) => grammars.server(feed), judge: judgeServer },
    (why) => {
      watch.onUnreadable(why);
    },
  );
}

/** What a match may say of its message. */
interface Content {
  readonly message: string;
  readonly sql?: string;
  readonly tag?: string;
  readonly sqlState?: string;
}

function describesClient(match: PostgresMatch, message: PostgresMessage<PostgresClientMessage>): boolean {
  const { message: name, sql = '' }: Content = match;
  return name === message.name && (statementOf(message) ?? '').includes(sql);
}

function describesServer(match: PostgresMatch, message: PostgresMessage<string>): boolean {
  const { message: name, tag, sqlState }: Content = match;
  return (
    name === message.name &&
    (tag === undefined || `${tagOf(message) ?? ''} `.startsWith(`${tag} `)) &&
    (sqlState === undefined || sqlState === sqlStateOf(message))
  );
}

function failure({
  severity = 'ERROR',
  sqlState,
  message = 'a fault that the test has set',
}: Extract<PostgresAction, { do: 'answer' }>): Buffer {
  return errorResponse({ severity, sqlState, message });
}

/** What the server refuses in the place of a message, as it would refuse that: in an extended query to its Sync. */
function refused(name: PostgresClientMessage, mark: string): Buffer {
  if (name === 'Query') return query(mark);
  if (name === 'CopyData' || name === 'CopyDone') return copyFail(mark);
  return parse(mark);
}
