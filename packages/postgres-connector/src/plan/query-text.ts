import { ConnectorError } from '@sqlflow/connector-contract';

/** What a text of SQL is made of, as far as its end can be told from it. */
const token = new RegExp(
  [
    String.raw`(?<space>\s+|--[^\n\r]*)`,
    String.raw`(?<comment>/\*)`,
    String.raw`(?<escaped>\b[eE]'(?:[^'\\]|\\.|'')*')`,
    String.raw`(?<quoted>'(?:[^']|'')*'|"(?:[^"]|"")*")`,
    String.raw`(?<dollar>\$(?<tag>(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?)\$.*?\$\k<tag>\$)`,
    String.raw`(?<parameter>\$\d+)`,
    String.raw`(?<word>[\w\u0080-\uffff][\w$\u0080-\uffff]*)`,
    String.raw`(?<mark>.)`,
  ].join('|'),
  'suy',
);

/**
 * One query of the options, without the semicolon at its end, so that it can stand in parentheses.
 *
 * @param name - For messages.
 * @throws ConnectorError `invalid-option` for no statement, more than one, a parameter, and what is not closed.
 */
export function singleQuery(name: string, sql: string): string {
  const refuse = (why: string): ConnectorError =>
    new ConnectorError('invalid-option', `option "queries.${name}" ${why}`, {
      kind: 'terminal',
      effect: 'none',
    });
  let depth = 0;
  let end: number | undefined;
  let isEmpty = true;
  for (let position = 0; position < sql.length;) {
    token.lastIndex = position;
    const groups = token.exec(sql)?.groups ?? {};
    const start = position;
    position = groups['comment'] === undefined ? token.lastIndex : commentEnd(sql, position);
    if (position <= start) throw refuse('has a comment that is not closed');
    if (groups['space'] !== undefined || groups['comment'] !== undefined) continue;
    if (groups['mark'] === ';' && depth === 0) {
      end ??= start;
      continue;
    }
    if (end !== undefined) throw refuse('holds more than one statement');
    if (groups['parameter'] !== undefined)
      throw refuse(`has the parameter ${groups['parameter']}, and there is no value for it`);
    if (groups['mark'] === '\0') throw refuse('holds a NUL character');
    if (groups['mark'] === "'" || groups['mark'] === '"') throw refuse('has a quote that is not closed');
    if (groups['mark'] === '(') depth++;
    if (groups['mark'] === ')' && --depth < 0) throw refuse('closes a parenthesis that it has not opened');
    isEmpty = false;
  }
  if (depth > 0) throw refuse('has a parenthesis that is not closed');
  if (isEmpty) throw refuse('holds no statement');
  return sql.slice(0, end);
}

/** Comments nest. 0 if there is no end. */
function commentEnd(sql: string, start: number): number {
  let depth = 0;
  for (const mark of sql.slice(start).matchAll(/\/\*|\*\//g)) {
    depth += mark[0] === '/*' ? 1 : -1;
    if (depth === 0) return start + mark.index + 2;
  }
  return 0;
}
