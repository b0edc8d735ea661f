import type { CatalogRow } from './catalog.js';
import { describeTypes, toWireTypes, type TypeChoices } from './type-catalog.js';

const int4 = 23;
const inet = 869;
const decodable: TypeChoices = { isDecodable: (typeOid) => typeOid === int4, arraysAs: 'list' };

/** A row of the catalogue: a type, and one of its parts. */
function row(oid: number, kind: string, part?: number, changes: CatalogRow = {}): CatalogRow {
  const [partOid, partModifier] = part === undefined ? [null, null] : [String(part), '-1'];
  return {
    ...{ oid: String(oid), modifier: '-1', kind, labels: null, name: null },
    ...{ part_oid: partOid, part_modifier: partModifier, part_sql_type: `type ${String(part)}` },
    ...changes,
  };
}

function typeOf(typeOid: number, rows: readonly CatalogRow[], choices = decodable): unknown {
  return toWireTypes(rows, choices)({ typeOid, typeModifier: -1 });
}

const base = { kind: 'base', typeOid: int4, typeModifier: -1 };
const text = { kind: 'text' };
const part = (typeOid: number, type: unknown) => ({ typeOid, sqlType: `type ${String(typeOid)}`, type });

test('a domain is what is beneath it, and goes by its own name where it is a part', () => {
  const rows = [row(1, 'a', 2), row(2, 'd', 3), row(3, 'd', int4)];
  expect(typeOf(2, rows)).toEqual(base);
  expect(typeOf(1, rows)).toEqual({ kind: 'array', element: part(2, base) });
});

test('an enum has its labels, a composite its attributes, and either may have none', () => {
  expect(typeOf(1, [row(1, 'e', undefined, { labels: '["a", "b\\"c"]' })])).toEqual({
    kind: 'enum',
    labels: ['a', 'b"c'],
  });
  expect(typeOf(1, [row(1, 'e')])).toEqual({ kind: 'enum', labels: [] });
  expect(typeOf(1, [row(1, 'c', int4, { name: 'x' }), row(1, 'c', int4, { name: 'y' })])).toEqual({
    kind: 'composite',
    attributes: [
      { ...part(int4, base), name: 'x' },
      { ...part(int4, base), name: 'y' },
    ],
  });
  expect(typeOf(1, [row(1, 'c')])).toEqual({ kind: 'composite', attributes: [] });
});

test('a type that is text under another name is decoded as text is', () => {
  const name = { kind: 'base', typeOid: 25, typeModifier: -1 };
  expect(typeOf(1, [row(1, 'a', 2), row(2, 't')])).toEqual({ kind: 'array', element: part(2, name) });
});

test('a multirange is of ranges, which have bounds', () => {
  expect(typeOf(1, [row(1, 'm', 2), row(2, 'r', int4)])).toEqual({
    kind: 'multirange',
    range: part(2, { kind: 'range', bound: part(int4, base) }),
  });
});

test('types of another modifier are other types', () => {
  const rows = [
    row(1, 'a', int4, { modifier: '7', part_modifier: '7' }),
    row(1, 'a', int4, { modifier: '9', part_modifier: '9' }),
  ];
  const read = toWireTypes(rows, decodable)({ typeOid: 1, typeModifier: 9 });
  expect(read).toMatchObject({ element: { type: { typeModifier: 9 } } });
});

test.each([
  ['a type without a decoder', [row(1, 'b')]],
  ['a type that is gone', []],
  ['a composite of one', [row(1, 'c', int4), row(1, 'c', inet)]],
  ['a range of one', [row(1, 'r', inet)]],
  ['a multirange of one', [row(1, 'm', 2), row(2, 'r', inet)]],
  ['a composite with an array of one', [row(1, 'c', 2), row(2, 'a', inet)]],
])('%s is text as a whole', (_what, rows) => {
  expect(typeOf(1, rows)).toEqual(text);
});

test('of an array whose elements have no decoder, the elements are text', () => {
  const list = (element: number) => ({ kind: 'array', element: part(element, text) });
  expect(typeOf(1, [row(1, 'a', inet)])).toEqual(list(inet));
  expect(typeOf(1, [row(1, 'a', 2), row(2, 'c', inet)])).toEqual(list(2));
  // An array of arrays, which a domain makes possible.
  expect(typeOf(1, [row(1, 'a', 2), row(2, 'd', 3), row(3, 'a', inet)])).toEqual(list(2));
});

test('arrays are text if so chosen, and so is what they are a part of', () => {
  const choices: TypeChoices = { ...decodable, arraysAs: 'text' };
  const rows = [row(1, 'c', 2), row(2, 'a', int4), row(3, 'm', 4), row(4, 'r', int4)];
  expect(typeOf(2, rows, choices)).toEqual(text);
  expect(typeOf(1, rows, choices)).toEqual(text);
  expect(typeOf(3, rows, choices)).toMatchObject({ kind: 'multirange' });
});

test('types are asked for in parameters', () => {
  expect(describeTypes([{ typeOid: 4_294_967_295, typeModifier: -1 }]).parameters).toEqual([
    '{4294967295}',
    '{-1}',
  ]);
});
