import { type Activity, choosePass, type SafetyRequest } from './commit-safety.js';

const quiet: Activity = {
  isStandby: false,
  seesAll: true,
  preparedTransactions: 0,
  silentSessions: 0,
  now: 'now',
  before: 'then',
  heldBackMs: 500,
  oldest: { pid: 7, since: 'then', state: 'idle in transaction', applicationName: 'psql' },
};
const table = {
  typeOid: 1184,
  typeModifier: -1,
  sqlType: 'timestamp with time zone',
  withoutVersions: undefined,
  unseenWriters: undefined,
};
const view = { ...table, withoutVersions: 'a view' };
const numbers = { ...table, typeOid: 20, sqlType: 'bigint' };
const foreign = { evenWithLag: false, because: 'what writes to a foreign table runs on another server' };
const refreshed = { evenWithLag: true, because: 'a materialised view holds what its last refresh saw' };
const three = { running: 3, isWhole: true };
const none = { running: 0, isWhole: true };
const auto: SafetyRequest = { commitSafety: 'auto' };

test('a time that the server stamps is held back to the oldest open transaction', () => {
  for (const [cursor, byVersion] of [[table, true] as const, [view, false] as const]) {
    expect(choosePass(auto, cursor, quiet, three)).toEqual({
      byVersion,
      before: { at: 'then', lessMs: 0 },
      isFinal: true,
      guarantee: { kind: 'held-back', before: 'then', heldBackMs: 500, for: quiet.oldest },
    });
  }
});

test.each<[string, Partial<Activity>, Partial<SafetyRequest>, object, string]>([
  ['a role that sees nothing', { seesAll: false }, {}, {}, 'pg_read_all_stats'],
  ['a prepared transaction', { preparedTransactions: 1 }, {}, {}, 'prepared transactions are open'],
  ['a session that tells nothing', { silentSessions: 1 }, {}, {}, 'track_activities is off'],
  [
    'one that is open too long',
    {},
    { maxHoldBackMs: 499 },
    {},
    'longer than 499 ms (maxHoldBackMs) by pid 7, open since then',
  ],
  [
    'a distance that is too long',
    { oldest: undefined },
    { maxHoldBackMs: 0 },
    {},
    'at least 250 ms for what has no row',
  ],
  ['a cursor that is no time', {}, {}, { typeOid: 20, sqlType: 'bigint' }, 'a cursor of type bigint'],
  ['writers that are not seen', {}, {}, { unseenWriters: foreign }, 'runs on another server'],
  ['a time that is rounded', {}, {}, { typeModifier: 3 }, 'is not bound by'],
])(
  'with %s a table is read by row versions, and a view has no guarantee',
  (_, activity, request, cursor, because) => {
    const seen = { ...quiet, ...activity };
    const asked = { ...auto, ...request };
    const byVersion = choosePass(asked, { ...table, ...cursor }, seen, three);
    expect(byVersion).toMatchObject({
      byVersion: true,
      isFinal: false,
      guarantee: { kind: 'row-version', running: 3, isWhole: true },
    });
    expect(byVersion).not.toHaveProperty('before');
    expect(byVersion.guarantee).toHaveProperty('because', expect.stringContaining(because));
    const byCursor = choosePass(asked, { ...view, ...cursor }, seen, none);
    expect(byCursor.guarantee).toMatchObject({
      kind: 'none',
      because: expect.stringContaining(because) as string,
    });
  },
);

test('with a set of transactions that was cut off a table is not held back, and nothing is taken for final', () => {
  const choice = choosePass(auto, table, quiet, { running: 100, isWhole: false });
  expect(choice).toMatchObject({
    byVersion: true,
    isFinal: false,
    guarantee: { kind: 'row-version', running: 100, isWhole: false },
  });
  expect(choice).not.toHaveProperty('before');
});

test.each([table, view])('on a standby nothing is claimed, whatever was asked for', (cursor) => {
  const seen = { ...quiet, isStandby: true };
  const requests: SafetyRequest[] = [auto, { ...auto, lagMs: 5 }];
  for (const request of requests) {
    expect(choosePass(request, cursor, seen, none).guarantee).toMatchObject({
      kind: 'none',
      because: expect.stringContaining('standby') as string,
    });
  }
});

test('with lagMs a table is looked at again, and a view is read so much later', () => {
  const request = { ...auto, lagMs: 60 };
  expect(choosePass(request, table, quiet, none)).toEqual({
    byVersion: true,
    isFinal: false,
    lagMs: 60,
    guarantee: { kind: 'lag', lagMs: 60 },
  });
  expect(choosePass(request, view, quiet, none)).toMatchObject({
    before: { at: 'now', lessMs: 60 },
    isFinal: false,
  });
  const claimed = [foreign, refreshed].map((unseenWriters) => {
    return choosePass(request, { ...view, unseenWriters }, quiet, none).guarantee;
  });
  expect(claimed).toEqual([
    { kind: 'lag', lagMs: 60 },
    { kind: 'none', because: refreshed.because },
  ]);
  expect(() => choosePass(request, numbers, quiet, none)).toThrow(
    'option "lagMs" needs a cursor that is a time or a date',
  );
});

test('what was asked for and cannot be had is refused; what was not asked for is not claimed', () => {
  expect(() => choosePass({ commitSafety: 'row-version' }, view, quiet, none)).toThrow('and this is a view');
  expect(choosePass({ commitSafety: 'row-version' }, table, quiet, none).guarantee.kind).toBe('row-version');
  expect(choosePass({ commitSafety: 'none' }, table, quiet, none)).toMatchObject({
    byVersion: false,
    guarantee: { kind: 'none' },
  });
});
