import { describeIntegration, leaseDatabase, markSkipped } from '@sqlflow/test-harness';
import { ownWays } from '../soak/schedule.js';
import { soak } from '../soak/soak.js';

const schedules = 24;

describeIntegration('postgres', 'soak', { tags: ['slow'] }, () => {
  test('beside writers, breaks and kills no row is lost or repeated, where the usual ways lose some', async () => {
    await using database = await leaseDatabase();
    const [setting] = await database.query('SHOW max_prepared_transactions');
    if (setting?.['max_prepared_transactions'] === '0') {
      markSkipped();
      return;
    }
    const { signal } = new AbortController();
    const { ways, rows, brokenOff } = await soak({ schedules, seed: 1, parallel: 4, signal });
    expect(brokenOff).toEqual([]);
    expect(rows).toBeGreaterThan(schedules);
    for (const name of Object.keys(ownWays)) {
      expect([name, ways.get(name)]).toEqual([
        name,
        { ...ways.get(name), lost: 0, repeated: 0, strange: 0, failedSeeds: [] },
      ]);
    }
    expect(ways.get('held back')?.schedules).toBe(schedules);
    expect(ways.get('by row versions')?.schedules).toBe(schedules);
    // What is read is such that something can be lost.
    expect(ways.get('`at > last`')?.lost).toBeGreaterThan(0);
    expect(ways.get('`at >= last`')?.repeated).toBeGreaterThan(0);
  }, 120_000);
});
