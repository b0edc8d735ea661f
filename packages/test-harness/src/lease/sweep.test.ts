import { jest } from '@jest/globals';
import { newLeaseName } from './owner.js';
import { thisProcess } from './process-identity.js';
import { sweep } from './sweep.js';

/** What a process has left whose id is ours and whose start was not. */
async function namesBy() {
  const here = await thisProcess();
  const judge = { here, nowMs: 100_000, maxAgeMs: 10_000 };
  const ended = () => newLeaseName({ ...here, startedAt: 'longago' }, '_', 95_000);
  return { here, judge, ended, living: () => newLeaseName(here, '_', 1_000) };
}

async function warningsDuring(work: () => Promise<void>): Promise<string[]> {
  const emitWarning = jest.spyOn(process, 'emitWarning').mockReturnValue();
  try {
    await work();
    return emitWarning.mock.calls.map(([warning]) => String(warning));
  } finally {
    emitWarning.mockRestore();
  }
}

describe('a sweep', () => {
  test('removes what ended owners left, and nothing else', async () => {
    const { here, judge, ended, living } = await namesBy();
    const [left, alsoLeft] = [ended(), ended()];
    const stranger = newLeaseName({ ...here, place: 'ffffffffff', startedAt: 'longago' }, '_', 95_000);
    const found = ['postgres', left, living(), 'test_orders', stranger, alsoLeft];
    const removed: string[] = [];
    await sweep('postgres', judge, {
      names: () => Promise.resolve(found),
      remove: (name) => Promise.resolve(void removed.push(name)),
    });
    // In an order of its own: each process begins somewhere else.
    expect(removed.toSorted()).toEqual([left, alsoLeft].toSorted());
  });

  test('goes on after one that cannot be removed, warns, and lets the lease have its way', async () => {
    const { judge, ended } = await namesBy();
    const [left, alsoLeft] = [ended(), ended()];
    const removed: string[] = [];
    const warnings = await warningsDuring(() =>
      sweep('postgres', judge, {
        names: () => Promise.resolve([left, alsoLeft]),
        remove: (name) => {
          if (name === left) return Promise.reject(new Error('must be owner'));
          return Promise.resolve(void removed.push(name));
        },
      }),
    );
    expect(removed).toEqual([alsoLeft]);
    expect(warnings).toEqual(['postgres: not all that ended test runs left could be removed: must be owner']);
  });

  test('warns when the names cannot be had', async () => {
    const { judge } = await namesBy();
    const warnings = await warningsDuring(() =>
      sweep('redis', judge, {
        names: () => Promise.reject(new Error('NOPERM')),
        remove: () => Promise.resolve(),
      }),
    );
    expect(warnings).toHaveLength(1);
  });
});
