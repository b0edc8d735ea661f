import { describeIntegration, findKept, removeKept } from '@sqlflow/test-harness';
import { endpointOf } from '../../src/endpoints.js';
import { ownerOf } from '../../src/lease/owner.js';
import { postgresAdmin, buckets, databases, redisUsers, schemas } from './inventory.js';
import { type JestRun, runJest } from './jest-run.js';

const timeoutMs = 90_000;

/** What the process of such a run has left. */
async function leftBy({ events }: JestRun): Promise<string[]> {
  const names = (await Promise.all([databases(), schemas(), buckets(), redisUsers()])).flat();
  return names.filter((name) => ownerOf(name)?.pid === events[0]?.pid);
}

describeIntegration(['postgres', 'object-store', 'redis'], 'in the Jest environment', () => {
  test(
    'a lease that leaks fails its test, beside what the test itself has thrown, and a forgotten one goes with its file',
    async () => {
      const run = await runJest(['leak.jest']);
      expect(run.tests).toEqual({
        leaks: 'failed',
        'leaks and fails': 'failed',
        'may leak': 'passed',
        'forgets to give back': 'passed',
      });
      expect(run.failures['leaks']).toMatch(
        /\[leaked\] database \w+ was .*\n.*own connection .*idle in transaction/,
      );
      expect(run.failures['leaks and fails']).toMatch(
        /^Error: of the test itself[^]*---[^]*\[leaked\] database/,
      );
      expect(await leftBy(run)).toEqual([]);
    },
    timeoutMs,
  );

  test(
    'a file gets what was copied ahead of need in the file before, and the last one leaves nothing',
    async () => {
      const run = await runJest(['pool-first.jest', 'pool-second.jest']);
      expect(run.tests).toEqual({ first: 'passed', second: 'passed' });
      expect(run.stderr.match(/was (ready|made)/g)?.[1]).toBe('was ready');
      expect(await leftBy(run)).toEqual([]);
    },
    timeoutMs,
  );

  test(
    'with KEEP_FAILED a failed test keeps its leases, and says how to look at them without a password',
    async () => {
      const run = await runJest(['keep.jest'], { KEEP_FAILED: '1' });
      const kept = run.events.filter(({ event }) => event === 'lease-kept');
      const servers = {
        postgres: endpointOf('postgres'),
        'object-store': endpointOf('object-store'),
        redis: endpointOf('redis'),
      };
      const ours = async () =>
        (await findKept(servers)).filter(({ name }) => kept.some((event) => event.name === name));
      try {
        expect(run.failures['passes']).toBe('');
        expect(run.tests).toEqual({ passes: 'passed', fails: 'failed' });
        expect(kept.map(({ kind }) => kind).toSorted()).toEqual(['bucket', 'database', 'keyspace', 'schema']);
        expect(await ours()).toHaveLength(4);
        // Of the test that has passed nothing stays.
        expect(
          run.events
            .filter(({ event }) => event === 'lease-returned')
            .map(({ kind }) => kind)
            .toSorted(),
        ).toEqual(['bucket', 'database']);

        const [database] = kept.filter(({ kind }) => kind === 'database').map(({ name }) => name);
        const { host, port, user } = servers.postgres;
        expect(run.stderr).toContain(
          `kept database ${String(database)}\n  PGPASSWORD="$TEST_POSTGRES_PASSWORD" psql -h ${host} -p ${String(port)} -U ${user} -d ${String(database)}\n`,
        );
        expect(run.stderr).toMatch(
          /kept keyspace (kept:\S+)\n {2}redis-cli -h \S+ -p \d+ --scan --pattern '\1:\*'\n/,
        );
        expect(run.stderr).toMatch(/kept bucket (kept-\S+)\n {2}AWS_ACCESS_KEY_ID=.* s3:\/\/\1\n/);
        expect(run.stderr).not.toContain(servers['object-store'].secretKey);

        const admin = await postgresAdmin(database);
        expect((await admin.query('SELECT id FROM event')).rows).toEqual([{ id: 7 }]);
        await admin.end();
      } finally {
        for (const lease of await ours()) await removeKept(lease, servers);
      }
      expect(await ours()).toEqual([]);
      expect(await leftBy(run)).toEqual([]);
    },
    timeoutMs,
  );
});
