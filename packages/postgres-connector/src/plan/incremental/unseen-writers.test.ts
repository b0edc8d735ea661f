import { askMaterialised, askPlan, toScanned, toUnseenWriters } from './unseen-writers.js';

const answer = (plan: object) => ({ 'QUERY PLAN': JSON.stringify([{ Plan: plan, Settings: {} }]) });
const scan = (Schema: string, name: string, rest = {}) => {
  return { 'Node Type': 'Seq Scan', Schema, 'Relation Name': name, Alias: 'one', ...rest };
};

test('what is scanned is found at any depth of a plan', () => {
  const far = { 'Node Type': 'Foreign Scan', Relations: 'public.a INNER JOIN public.b' };
  const inner = { 'Node Type': 'Append', Plans: [scan('public', 'event'), far] };
  const below = scan('a "schema"', 'kept', { Plans: [inner] });
  const found = toScanned(answer({ 'Node Type': 'Sort', Plans: [below] }));
  const relations = [
    { namespace: 'a "schema"', name: 'kept' },
    { namespace: 'public', name: 'event' },
  ];
  expect(found).toEqual({ foreign: true, relations });
  expect(askMaterialised(relations).parameters).toEqual([
    String.raw`{"a \"schema\"","public"}`,
    '{"kept","event"}',
  ]);
  expect(toScanned(answer({ 'Node Type': 'Result' }))).toEqual({ foreign: false, relations: [] });
});

test('what is no plan is refused', () => {
  expect(() => toScanned({ 'QUERY PLAN': '[{"Plan": []}]' })).toThrow('[protocol-violation]');
  expect(() => toScanned({})).toThrow('[protocol-violation]');
});

test('a plan is asked for with the parameters of its query', () => {
  const query = { sql: 'SELECT $1', parameters: ['x'] };
  expect(askPlan(query)).toEqual({ sql: 'EXPLAIN (VERBOSE, FORMAT JSON) SELECT $1', parameters: ['x'] });
});

test('a materialised view is worse than a foreign table, and a table alone is nothing', () => {
  const because = (foreign: boolean, isMaterialised: string) => {
    return toUnseenWriters({ foreign, relations: [] }, { is_materialised: isMaterialised })?.because;
  };
  expect(because(true, 't')).toContain('last refresh');
  expect(because(true, 'f')).toContain('another server');
  expect(because(false, 'f')).toBeUndefined();
});
