import { ConnectorError } from '@sqlflow/connector-contract';
import fc from 'fast-check';
import { quoteIdentifier, quoteQualified } from './identifier.js';

/** Reads a quoted identifier as the server's lexer does, and what is left behind it. */
function lex(sql: string): { name: string; rest: string } {
  let name = '';
  for (let at = 1; at < sql.length; at++) {
    if (sql[at] !== '"') name += sql[at] ?? '';
    else if (sql[at + 1] === '"') name += sql[at++] ?? '';
    else return { name, rest: sql.slice(at + 1) };
  }
  throw new Error('the identifier has no end');
}

const anyName = fc.string({ unit: 'binary' }).filter((name) => !name.includes('\0'));

test('a quoted name is one identifier, whatever it holds, and the server reads it as it was', () => {
  const nasty = fc.stringMatching(/^["';\\ -]*$/);
  fc.assert(
    fc.property(fc.oneof(anyName, nasty), (name) => {
      const sql = quoteIdentifier(name);
      expect(sql.startsWith('"')).toBe(true);
      expect(lex(sql)).toEqual({ name, rest: '' });
    }),
  );
});

test('a qualified name is two identifiers', () => {
  fc.assert(
    fc.property(anyName, anyName, (namespace, name) => {
      const first = lex(quoteQualified(namespace, name));
      expect(first.name).toBe(namespace);
      expect(first.rest.startsWith('.')).toBe(true);
      expect(lex(first.rest.slice(1))).toEqual({ name, rest: '' });
    }),
  );
});

test('NUL is refused', () => {
  expect(() => quoteIdentifier('a\0b')).toThrow(ConnectorError);
  expect(() => quoteIdentifier('a\0b')).toThrow(expect.objectContaining({ code: 'invalid-option' }) as Error);
});
