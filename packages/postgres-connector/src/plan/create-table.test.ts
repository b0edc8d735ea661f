import { addColumns, createTable, looksLikeType } from './create-table.js';

test.each([
  'integer',
  'numeric(12,2)',
  'character varying(10)[]',
  '"My ""odd"" type"',
  'größe.art',
  'timestamp(3) with time zone',
])('%s looks like a type', (text) => expect(looksLikeType(text)).toBe(true));

test.each(['', 'int; DROP', 'int --', 'int /* */', "int DEFAULT 'x'", '"open', 'int\n'])(
  '%j does not',
  (text) => expect(looksLikeType(text)).toBe(false),
);

test('columns of the key cannot be NULL, and those that are added can', () => {
  const columns = [
    { name: 'id', sqlType: 'bigint', nullable: true },
    { name: 'v', sqlType: 'text', nullable: false },
  ];
  expect(createTable('s', 't', columns, ['id'])).toBe(
    'CREATE TABLE IF NOT EXISTS "s"."t" (\n  "id" bigint NOT NULL,\n  "v" text NOT NULL,\n  PRIMARY KEY ("id")\n)',
  );
  expect(addColumns('s', 't', columns)).toBe(
    'ALTER TABLE "s"."t" ADD COLUMN IF NOT EXISTS "id" bigint, ADD COLUMN IF NOT EXISTS "v" text',
  );
});
