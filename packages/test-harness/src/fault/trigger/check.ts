import { HarnessError } from '../../harness-error.js';
import { clientMessages, openingMessages, serverMessages } from '../protocol/postgres-messages.js';
import { checkOptions, isRecord } from '../toxic/check-toxic.js';
import { type Check, oneOf, optional, wholeNumber } from '../toxic/checks.js';

type Checks = Readonly<Record<string, Check>>;

const longestTail = 65_536;
const text: Check = { holds: (value) => typeof value === 'string' && value !== '', range: 'a text' };
const sqlState: Check = {
  holds: (value) => typeof value === 'string' && /^[0-9A-Z]{5}$/.test(value),
  range: 'five digits or capitals, such as 40001',
};
const side = oneOf(['client', 'server']);
const capitals = (what: string): Check => ({
  holds: (value) =>
    typeof value === 'string' && /^[A-Z]\S*( \S+)?$/.test(value) && value === value.toUpperCase(),
  range: `${what} in capitals`,
});
const line: Check = {
  holds: (value) => typeof value === 'string' && /^[A-Z][^\r\n]*$/.test(value),
  range: 'one line that begins with a word in capitals, such as LOADING',
};
/** It ends a string of the protocol. */
const withoutNul: Check = {
  holds: (value) => typeof value === 'string' && !value.includes('\0'),
  range: 'a text without a NUL',
};

const occurrence: Checks = {
  nth: optional(wholeNumber(1)),
  times: optional({
    holds: (value) => value === Infinity || wholeNumber(1).holds(value),
    range: 'a whole number from 1, or Infinity',
  }),
  per: optional(oneOf(['link', 'connection'])),
};

const messages: Readonly<Record<string, readonly string[]>> = {
  client: [...Object.values(clientMessages), ...Object.values(openingMessages), 'StartupMessage'],
  server: Object.values(serverMessages).sort(),
};
/** Of those that say more than their name. */
const contents: Readonly<Record<string, Checks>> = {
  'client Query': { sql: optional(text) },
  'client Parse': { sql: optional(text) },
  'server CommandComplete': { tag: optional(text) },
  'server ErrorResponse': { sqlState: optional(sqlState) },
};
/** What the server refuses without closing the connection. */
const refusable = ['Query', 'Parse', 'Bind', 'Describe', 'Execute', 'CopyData', 'CopyDone'];

/** Of the rest of a match, by its protocol and, where that is said, its side and message. */
const matchChecks: Readonly<Record<string, (from: unknown, message: unknown) => Checks>> = {
  postgres: (from, message) => ({
    from: side,
    message: oneOf(messages[String(from)] ?? []),
    ...contents[`${String(from)} ${String(message)}`],
  }),
  s3: (from) => ({
    from: optional(side),
    method: optional(capitals('a method')),
    path: optional({
      holds: (value) => typeof value === 'string' && value.startsWith('/'),
      range: 'a path that begins with /',
    }),
    query: optional({
      holds: (value) => isRecord(value) && Object.values(value).every((each) => typeof each === 'string'),
      range: "texts by name, such as { partNumber: '7' }",
    }),
    ...(from === 'server' && { status: optional(wholeNumber(200, 599)) }),
  }),
  redis: () => ({ from: optional(side), command: capitals('a command'), key: optional(text) }),
};

export const protocols = Object.keys(matchChecks);

const answerChecks: Readonly<Record<string, Checks>> = {
  postgres: {
    severity: optional(oneOf(['ERROR', 'FATAL'])),
    sqlState,
    message: optional(withoutNul),
  },
  s3: {
    status: {
      holds: (value) => wholeNumber(300, 599).holds(value) && value !== 304,
      range: 'a whole number from 300 to 599, but 304, which has no body',
    },
    code: text,
    message: optional(text),
    retryAfterSeconds: optional(wholeNumber(0)),
  },
  redis: { error: line },
};

/** @throws HarnessError `invalid-option` for what is no message, no action, or not an action for that message. */
export function checkTrigger(match: unknown, action: unknown, options: unknown): void {
  if (!isRecord(match)) throw invalid('what a trigger waits for must be an object with a protocol');
  if (!isRecord(action)) throw invalid('what a trigger does must be an object with `do`');
  const { protocol, ...rest } = match;
  const checksOf = own(matchChecks, protocol);
  if (typeof protocol !== 'string' || checksOf === undefined) {
    throw invalid(`there is no protocol ${JSON.stringify(protocol)}; there is ${protocols.join(', ')}`);
  }
  if (protocol === 'postgres') checkOptions('a trigger of postgres', { from: rest['from'] }, { from: side });
  checkOptions(`a trigger of ${protocol}`, rest, {
    ...checksOf(rest['from'], rest['message']),
    ...occurrence,
  });
  checkAction(protocol, rest, action);
  checkOptions('a trigger', isRecord(options) ? options : {}, {
    optional: optional({ holds: (value) => typeof value === 'boolean', range: 'true or false' }),
  });
}

function checkAction(
  protocol: string,
  { from, message }: Readonly<Record<string, unknown>>,
  { do: name, ...rest }: Readonly<Record<string, unknown>>,
): void {
  const at = { at: oneOf(['before', 'after']) };
  const actions: Readonly<Record<string, Checks>> = {
    reset: at,
    close: at,
    stall: 'beforeEnd' in rest ? { beforeEnd: wholeNumber(1, longestTail) } : at,
    answer: answerChecks[protocol] ?? {},
    ...(protocol === 's3' && { truncate: { bytes: wholeNumber(0) } }),
  };
  const checks = own(actions, name);
  if (checks === undefined) {
    const known = Object.keys(actions).join(', ');
    throw invalid(`a trigger of ${protocol} cannot do ${JSON.stringify(name)}; it can do ${known}`);
  }
  checkOptions(`the action ${String(name)}`, rest, checks);
  if (protocol !== 'postgres' || name !== 'answer' || rest['severity'] === 'FATAL') return;
  if (from === 'client' && refusable.includes(String(message))) return;
  throw invalid(
    `PostgreSQL does not answer an ERROR in place of ${String(message)} of the ${String(from)}: ` +
      `severity must be FATAL; an ERROR is possible for ${refusable.join(', ')} of the client`,
  );
}

function own<T>(record: Readonly<Record<string, T>>, name: unknown): T | undefined {
  return typeof name === 'string' && Object.hasOwn(record, name) ? record[name] : undefined;
}

function invalid(message: string): HarnessError {
  return new HarnessError('invalid-option', message);
}
