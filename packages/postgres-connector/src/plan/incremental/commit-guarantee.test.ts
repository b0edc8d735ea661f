import { type CommitGuarantee, guaranteeWith, type Lapse, lapseWith } from './commit-guarantee.js';

const heldBack: CommitGuarantee = { kind: 'held-back', before: '2026-01-31 10:00:00+00', heldBackMs: 0 };
const byVersion: CommitGuarantee = {
  kind: 'row-version',
  running: 1,
  isWhole: true,
  because: 'row versions were asked for',
};
const minute: Lapse = { kind: 'lag', lagMs: 60_000 };
const hour: Lapse = { kind: 'lag', lagMs: 3_600_000 };
const prepared: Lapse = { kind: 'none', because: '1 prepared transactions are open' };
const standby: Lapse = { kind: 'none', because: 'the server is a standby' };
const before = (because: string) => ({
  kind: 'none',
  because: `what was read before had no guarantee: ${because}`,
});

test.each<[string, CommitGuarantee[], unknown]>([
  ['one alone is told as it is', [heldBack], heldBack],
  ['the last of two that lack nothing is told', [heldBack, byVersion], byVersion],
  ['a lag stays, though the next is held back', [minute, heldBack], minute],
  ['the shortest lag is told', [hour, minute, hour, byVersion], minute],
  ['what had no guarantee stays so', [prepared, heldBack, byVersion], before(prepared.because)],
  ['a lag gives none to what had none', [prepared, minute], before(prepared.because)],
  ['a read without one says why it has none itself', [prepared, standby], standby],
  ['the last reason is remembered', [hour, prepared, standby, minute, heldBack], before(standby.because)],
])('of several reads in turn, %s', (_what, reads, told) => {
  let lapse: Lapse | null = null;
  let guarantee: CommitGuarantee | undefined;
  for (const read of reads) {
    guarantee = guaranteeWith(lapse, read);
    lapse = lapseWith(lapse, read);
  }
  expect(guarantee).toEqual(told);
});
