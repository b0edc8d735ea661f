import { singleQuery } from './query-text.js';

test.each([
  ['SELECT 1', 'SELECT 1'],
  ['SELECT 1 ; ', 'SELECT 1 '],
  ['SELECT 1;;-- done\n/* a /* b */ ; */;', 'SELECT 1'],
  ['SELECT 1 -- one; two', 'SELECT 1 -- one; two'],
  [
    "SELECT ';', \";\", $$;$$, $a$;$$;$a$, E'\\';', 'it''s;' ;",
    "SELECT ';', \";\", $$;$$, $a$;$$;$a$, E'\\';', 'it''s;' ",
  ],
  ['SELECT a$1 FROM "t$1" WHERE note LIKE \'100%\'', 'SELECT a$1 FROM "t$1" WHERE note LIKE \'100%\''],
  ['SELECT 1 - /* ) */ (2 * (3)) -- (', 'SELECT 1 - /* ) */ (2 * (3)) -- ('],
  ["SELECT date'2024-01-01', name'x'", "SELECT date'2024-01-01', name'x'"],
])('%s is one query', (given, expected) => {
  expect(singleQuery('q', given)).toBe(expected);
});

test.each([
  ['SELECT 1; SELECT 2', 'holds more than one statement'],
  ['SELECT 1) AS a, (SELECT 2', 'closes a parenthesis that it has not opened'],
  ['SELECT (1', 'has a parenthesis that is not closed'],
  ['', 'holds no statement'],
  [' ; -- nothing', 'holds no statement'],
  ['SELECT $1', 'has the parameter $1'],
  ["SELECT 'a", 'has a quote that is not closed'],
  ['SELECT "a', 'has a quote that is not closed'],
  ['SELECT 1 /* a /* b */', 'has a comment that is not closed'],
  ['SELECT \0', 'holds a NUL character'],
])('%s is refused', (given, message) => {
  expect(() => singleQuery('q', given)).toThrow(`option "queries.q" ${message}`);
});
