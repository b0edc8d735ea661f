import { isLeftover } from './leftover.js';
import { newLeaseName } from './owner.js';
import { thisProcess } from './process-identity.js';

const hourMs = 3_600_000;
const nowMs = 1_000 * hourMs;

async function judged(owner: object, ageMs: number, hereIs: object = {}): Promise<boolean> {
  const here = { ...(await thisProcess()), ...hereIs };
  const judge = { here, nowMs, maxAgeMs: 24 * hourMs };
  return isLeftover(newLeaseName({ ...here, ...owner }, '_', nowMs - ageMs), judge);
}

describe('a lease', () => {
  test('of this host was left behind as soon as its process has ended', async () => {
    expect(await judged({ startedAt: 'longago' }, 0)).toBe(true);
  });

  test('of this host was not left behind, however old, while its process runs', async () => {
    expect(await judged({}, 100 * hourMs)).toBe(false);
  });

  test('of another host was left behind when it is older than the limit, and not before', async () => {
    expect(await judged({ place: 'ffffffffff' }, 24 * hourMs)).toBe(false);
    expect(await judged({ place: 'ffffffffff' }, 24 * hourMs + 1_000)).toBe(true);
  });

  test('of a clock that is ahead was not left behind', async () => {
    expect(await judged({ place: 'ffffffffff' }, -100 * hourMs)).toBe(false);
  });

  test('is judged by its age on a platform whose processes cannot be read', async () => {
    const nowhere = { place: '0000000000', startedAt: '0' };
    expect(await judged({}, hourMs, nowhere)).toBe(false);
    expect(await judged({}, 25 * hourMs, nowhere)).toBe(true);
  });

  test('without an owner is nobody’s to remove', async () => {
    const judge = { here: await thisProcess(), nowMs, maxAgeMs: 0 };
    for (const name of ['test_orders', 'kept_ffffffffff_1_1_1_0123456789', 'postgres']) {
      expect(await isLeftover(name, judge)).toBe(false);
    }
  });
});
