import type { ColumnDescription } from '../plan/table-description.js';
import type { TransactionSet } from '../plan/incremental/transaction-set.js';
import { resolveIncrementalOptions } from './incremental-options.js';
import { type FoundRelation, IncrementalPlanner } from './incremental-planner.js';

const column = (name: string, sqlType: string, typeOid: number): ColumnDescription => {
  return { name, sqlType, typeOid, typeModifier: -1, nullable: false };
};
const id = column('id', 'bigint', 20);
const at = column('at', 'timestamp with time zone', 1184);
const table = {
  namespace: 'public',
  name: 'event',
  columns: [id, at],
  deniedColumns: [],
  primaryKey: ['id'],
};
const relation: FoundRelation = {
  table,
  columns: [],
  cursor: at,
  key: [id],
  filter: [],
  withNulls: false,
  scope: {
    namespace: 'public',
    name: 'event',
    cursorField: 'at',
    key: ['id'],
    nullCursors: 'include-first',
    filter: '',
    system: '',
    database: 'app',
  },
  withoutVersions: undefined,
  isStandby: true,
  isCursorIndexed: true,
};

test.each([
  [true, { kind: 'none', because: expect.stringContaining('standby') as string }],
  [false, null],
])(
  'the rest of a pass, read from a standby (%s), leaves what it lacks in the checkpoint',
  async (isStandby, lapse) => {
    const planner = new IncrementalPlanner(table, resolveIncrementalOptions({ cursorField: 'at' }), () =>
      Promise.reject(new Error('nothing is to be asked')),
    );
    const through: TransactionSet = { below: 9n, running: [], at: '2026-01-31 10:00:00+00' };
    const pass = { through, until: null, isFinal: false, from: null, settled: null, last: null };
    const position = { by: 'versions', through: null, split: null, pass, lapse: null } as const;
    const planned = await planner.plan({ ...relation, isStandby }, position);
    expect(planned.position).toMatchObject({ pass, lapse });
    expect(planned.guarantee).toBeUndefined();
  },
);
