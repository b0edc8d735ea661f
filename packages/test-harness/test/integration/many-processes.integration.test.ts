import { describeIntegration, tagged } from '@sqlflow/test-harness';
import { ownerOf } from '../../src/lease/owner.js';
import { type Leases, LeasingProcess } from './child-process.js';
import { buckets, databases, redisKeys, redisUsers, schemas } from './inventory.js';

const processes = 8;
/** Two rounds of two at once, of each kind one. */
const leasesOfEach = 2 * 2 * 3;
const timeoutMs = 120_000;
/** It takes about 100 s on two processors that others use as well. */
const slowTimeoutMs = 300_000;

/** What these processes have left on the servers. */
async function leftBy(pids: readonly number[]): Promise<string[]> {
  const keys = (await redisKeys('test:')).map((key) => key.split(':', 6).join(':'));
  const lists = [databases(), schemas(), buckets(), redisUsers()];
  const names = [...(await Promise.all(lists)).flat(), ...keys];
  return names.filter((name) => pids.includes(ownerOf(name)?.pid ?? 0));
}

describeIntegration(['postgres', 'object-store', 'redis'], 'many processes at once', () => {
  test(
    'each have leases of their own, sweep what a killed one left without a quarrel, and leave nothing',
    async () => {
      const killed = new LeasingProcess('hold-leases.ts', 'give-back');
      await killed.next<Leases>();
      await killed.kill();
      const workers = Array.from({ length: processes }, () => new LeasingProcess('many-leases.ts'));
      const names = await Promise.all(workers.map((worker) => worker.next<string[]>()));
      const codes = await Promise.all(workers.map((worker) => worker.finish()));

      expect(codes).toEqual(workers.map(() => 0));
      expect(names.flat()).toHaveLength(processes * leasesOfEach);
      expect(new Set(names.flat()).size).toBe(names.flat().length);
      expect(await leftBy(workers.map(({ pid }) => pid))).toEqual([]);
      // A sweep takes 2 s at most. On a machine that is so busy that this was too short for all, the next process goes on.
      while ((await leftBy([killed.pid])).length > 0) {
        const next = new LeasingProcess('many-leases.ts');
        await next.next();
        expect(await next.finish()).toBe(0);
      }
    },
    timeoutMs,
  );

  tagged('slow')(
    '16 of them take 200 leases each, no two the same, and leave nothing',
    async () => {
      const workers = Array.from({ length: 16 }, () => new LeasingProcess('lease-many.ts'));
      try {
        const names = await Promise.all(workers.map((worker) => worker.next<string[]>()));
        const codes = await Promise.all(workers.map((worker) => worker.finish()));

        expect(codes).toEqual(workers.map(() => 0));
        expect(new Set(names.flat()).size).toBe(16 * 200);
        expect(await leftBy(workers.map(({ pid }) => pid))).toEqual([]);
      } finally {
        await Promise.all(workers.map((worker) => worker.kill()));
      }
    },
    slowTimeoutMs,
  );
});
