import { jest } from '@jest/globals';
import { newLeaseName } from './owner.js';
import { thisProcess } from './process-identity.js';
import { sweep } from './sweep.js';

/** What a process has left whose id is ours and whose start was not. */
async function namesBy() {
  const here = await thisProcess();
  const ended = () => newLeaseName({ ...here, startedAt: 'longago' }, '_');
  return { here, ended, living: () => newLeaseName(here, '_') };
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
    const { here, ended, living } = await namesBy();
    const [left, alsoLeft] = [ended(), ended()];
    const stranger = newLeaseName({ ...here, place: 'ffffffffff', startedAt: 'longago' }, '_');
    const found = ['postgres', left, living(), 'test_orders', stranger, alsoLeft];
    const removed: string[] = [];
    await sweep('postgres', here, {
      names: () => Promise.resolve(found),
      remove: (name) => Promise.resolve(void removed.push(name)),
    });
    // In an order of its own: each process begins somewhere else.
    expect(removed.toSorted()).toEqual([left, alsoLeft].toSorted());
  });

  test('goes on after one that cannot be removed, warns, and lets the lease have its way', async () => {
    const { here, ended } = await namesBy();
    const [left, alsoLeft] = [ended(), ended()];
    const removed: string[] = [];
    const warnings = await warningsDuring(() =>
      sweep('postgres', here, {
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
    const { here } = await namesBy();
    const warnings = await warningsDuring(() =>
      sweep('redis', here, {
        names: () => Promise.reject(new Error('NOPERM')),
        remove: () => Promise.resolve(),
      }),
    );
    expect(warnings).toHaveLength(1);
  });
});
