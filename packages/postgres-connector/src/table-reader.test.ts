import type { RecordBatch } from 'apache-arrow';
import type { ReadPlan } from './plan/read-plan.js';
import type { DescribedColumn } from './session/row-description.js';
import type { RowSink } from './session/row-stream.js';
import type { Session } from './session/session.js';
import { TableReader } from './table-reader.js';

const plan: ReadPlan = {
  sql: 'SELECT "id", "amount" FROM "public"."t"',
  parameters: [],
  columns: [
    { name: 'id', sqlType: 'integer', typeOid: 23, typeModifier: -1, nullable: true, readAsText: false },
    {
      name: 'amount',
      sqlType: 'numeric(9,2)',
      typeOid: 1700,
      typeModifier: 589_830,
      nullable: true,
      readAsText: false,
    },
  ],
};
const id: DescribedColumn = { name: 'id', typeOid: 23, typeModifier: -1 };
const amount: DescribedColumn = { name: 'amount', typeOid: 1700, typeModifier: 589_830 };

/** A session of which one sees what is asked of it. */
function open({ isComplete }: { isComplete: boolean }) {
  const asked: unknown[] = [];
  let sink: RowSink<RecordBatch> | undefined;
  const session = {
    stream: (_plan: ReadPlan, given: RowSink<RecordBatch>) => {
      sink = given;
      return { isComplete };
    },
    giveBack: () => asked.push('give back'),
    abandon: async (_stream: unknown, reason: unknown) => asked.push(reason),
  };
  const reader = new TableReader(session as unknown as Session, plan, {}, 'reading');
  return { reader, asked, describe: (columns: readonly DescribedColumn[]) => sink?.describe(columns) };
}

test('a result that is as planned is accepted', () => {
  expect(() => open({ isComplete: false }).describe([id, amount])).not.toThrow();
});

test.each([
  ['a column fewer', [id]],
  ['a column more', [id, amount, amount]],
  ['a column of another type', [{ ...id, typeOid: 20 }, amount]],
  ['a decimal of another scale', [id, { ...amount, typeModifier: 589_831 }]],
])(
  'a table altered since it was looked at, by %s, is a conflict, which a new plan may settle',
  (_what, columns) => {
    expect(() => open({ isComplete: false }).describe(columns)).toThrow(
      expect.objectContaining({ code: 'conflict', kind: 'transient' }) as Error,
    );
  },
);

test('a connection is given back when all rows have come', async () => {
  const { reader, asked } = open({ isComplete: true });
  await reader.end('over');
  expect(asked).toEqual(['give back']);
});

test('a read that ends early is abandoned, once, for the first reason given', async () => {
  const { reader, asked } = open({ isComplete: false });
  await Promise.all([reader.end('first'), reader.end('second')]);
  expect(asked).toEqual(['first']);
});
