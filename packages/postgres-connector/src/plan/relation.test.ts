import { fromItem, resolveRelation, titleOf } from './relation.js';

const queries = new Map([['q', 'SELECT 1 -- one']]);

test('a name without a schema is that of a query, else of a table in the default one', () => {
  const query = { namespace: '', name: 'q', query: 'SELECT 1 -- one' };
  expect(resolveRelation({ name: 'q' }, queries, 'public')).toEqual(query);
  expect(resolveRelation({ namespace: '', name: 'q' }, queries, 'public')).toEqual(query);
  expect(resolveRelation({ namespace: 'public', name: 'q' }, queries, 'public')).toEqual({
    namespace: 'public',
    name: 'q',
  });
  expect(resolveRelation({ name: 'toString' }, queries, 'sales')).toEqual({
    namespace: 'sales',
    name: 'toString',
  });
  expect(resolveRelation({ namespace: '', name: 't' }, queries, 'public')).toBeUndefined();
});

test('a query stands in parentheses, and a comment at its end does not hide the closing one', () => {
  const query = { namespace: '', name: 'a"b', query: 'SELECT 1 -- one' };
  expect(fromItem(query)).toBe('(SELECT 1 -- one\n) AS "a""b"');
  expect(fromItem(query, 'r')).toBe('(SELECT 1 -- one\n) AS "r"');
  expect(titleOf(query)).toBe('the query "a""b"');
  expect(fromItem({ namespace: 'public', name: 't' })).toBe('"public"."t"');
  expect(fromItem({ namespace: 'public', name: 't' }, 'r')).toBe('"public"."t" AS "r"');
});
