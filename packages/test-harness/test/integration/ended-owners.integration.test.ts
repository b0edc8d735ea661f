import { describeIntegration } from '@sqlflow/test-harness';
import { type Leases, LeasingProcess } from './child-process.js';
import {
  buckets,
  databases,
  postgresAdmin,
  redisAdmin,
  redisKeys,
  redisUsers,
  storeAdmin,
} from './inventory.js';

/** A child starts, leases one of each kind, and sweeps: a second or two on a busy machine. */
const timeoutMs = 60_000;

async function whatIsLeftOf({ database, bucket, prefix }: Leases) {
  return {
    database: (await databases()).includes(database),
    bucket: (await buckets()).includes(bucket),
    user: (await redisUsers()).includes(prefix.slice(0, -1)),
    keys: (await redisKeys(prefix)).length,
  };
}

const all = { database: true, bucket: true, user: true, keys: 2 };
const nothing = { database: false, bucket: false, user: false, keys: 0 };

describeIntegration(['postgres', 'object-store', 'redis'], 'the first lease of a process', () => {
  test(
    'removes what a killed process has left, and nothing of one that lives',
    async () => {
      await using living = new LeasingProcess('hold-leases.ts', 'give-back');
      await using killed = new LeasingProcess('hold-leases.ts', 'give-back');
      const [ofLiving, ofKilled] = [await living.next<Leases>(), await killed.next<Leases>()];
      await killed.kill();
      expect(await whatIsLeftOf(ofKilled)).toEqual(all);

      await using next = new LeasingProcess('hold-leases.ts', 'give-back');
      const ofNext = await next.next<Leases>();
      expect(await whatIsLeftOf(ofKilled)).toEqual(nothing);
      expect(await whatIsLeftOf(ofLiving)).toEqual(all);

      expect([await living.finish(), await next.finish()]).toEqual([0, 0]);
      expect(await whatIsLeftOf(ofLiving)).toEqual(nothing);
      expect(await whatIsLeftOf(ofNext)).toEqual(nothing);
    },
    timeoutMs,
  );

  test(
    'removes what a process has left that forgot to give back, and whose exit the open leases did not delay',
    async () => {
      await using forgetful = new LeasingProcess('hold-leases.ts', 'forget');
      const leases = await forgetful.next<Leases>();
      expect(await forgetful.finish()).toBe(0);
      expect(await whatIsLeftOf(leases)).toEqual(all);

      await using next = new LeasingProcess('hold-leases.ts', 'give-back');
      await next.next<Leases>();
      expect(await whatIsLeftOf(leases)).toEqual(nothing);
      await next.finish();
    },
    timeoutMs,
  );

  test(
    'removes what another host left long ago, and nothing that is younger or carries no owner',
    async () => {
      const [hoursAgo, hoursAgoTooMany] = [23, 25].map(
        (hours) => Math.floor(Date.now() / 1_000) - hours * 3_600,
      );
      const lease = (seconds = 0) => [
        'ffffffffff',
        process.pid.toString(36),
        '1',
        seconds.toString(36),
        '0123456789',
      ];
      const [young, old] = [lease(hoursAgo), lease(hoursAgoTooMany)];
      const names = {
        postgres: [`test_orders_${String(process.pid)}`, `test_${young.join('_')}`],
        store: [`test-orders-${String(process.pid)}`, `test-${young.join('-')}`],
      };
      const left = {
        postgres: `test_${old.join('_')}`,
        store: `test-${old.join('-')}`,
        user: `test:${old.join(':')}`,
      };
      const admin = await postgresAdmin();
      const store = storeAdmin();
      const redis = redisAdmin();
      try {
        for (const name of [...names.postgres, left.postgres]) {
          await admin.query(`CREATE DATABASE ${name} STRATEGY FILE_COPY`);
        }
        for (const name of [...names.store, left.store]) await store.makeBucket(name, 'us-east-1');
        await redis.call('ACL', 'SETUSER', left.user);
        await redis.set(`${left.user}:a`, 'one');
        await using sweeper = new LeasingProcess('hold-leases.ts', 'give-back');
        await sweeper.next<Leases>();
        expect(await databases()).toEqual(expect.arrayContaining(names.postgres));
        expect(await buckets()).toEqual(expect.arrayContaining(names.store));
        expect(await databases()).not.toContain(left.postgres);
        expect(await buckets()).not.toContain(left.store);
        expect(await redisUsers()).not.toContain(left.user);
        expect(await redisKeys(left.user)).toEqual([]);
        await sweeper.finish();
      } finally {
        for (const name of [...names.postgres, left.postgres]) {
          await admin.query(`DROP DATABASE IF EXISTS ${name}`);
        }
        for (const name of [...names.store, left.store])
          await store.removeBucket(name).catch(() => undefined);
        await redis.call('ACL', 'DELUSER', left.user);
        redis.disconnect();
        await admin.end();
      }
    },
    timeoutMs,
  );
});
