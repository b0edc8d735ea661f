import { describeIntegration, leaseDatabase, type LeasedDatabase, toxicLink } from '@sqlflow/test-harness';
import { destinationOn, stored } from './destinations.js';
import { until } from './sources.js';

const append = { mode: 'append' } as const;
const rows = [{ id: 1n }];
// The first is in READ COMMITTED, of the BEGIN.
const commitSent = { protocol: 'postgres', from: 'client', message: 'Parse', sql: 'COMMIT', nth: 2 } as const;
const committed = {
  protocol: 'postgres',
  from: 'server',
  message: 'CommandComplete',
  tag: 'COMMIT',
} as const;

/** A destination whose first COMMIT meets a fault. */
async function behindLink(database: LeasedDatabase, options: Parameters<typeof destinationOn>[1] = {}) {
  await database.query('CREATE TABLE t (id int8)');
  const link = await toxicLink(database.endpoint, { seed: 1 });
  const { host, port } = link.endpoint;
  const retry = { maxAttempts: 2, initialDelayMs: 1, maxDelayMs: 1 };
  const destination = destinationOn(database, { host, port, retry, ...options });
  return {
    link,
    destination,
    async [Symbol.asyncDispose]() {
      await destination[Symbol.asyncDispose]();
      await link[Symbol.asyncDispose]();
    },
  };
}

describeIntegration('postgres', 'commits without an answer', () => {
  test('one that took place is a success', async () => {
    await using database = await leaseDatabase();
    await using place = await behindLink(database, { maxConnections: 1 });
    const { link, destination } = place;
    const lost = link.when(committed, { do: 'reset', at: 'before' });
    expect(await destination.writeRows({ name: 't' }, rows, append)).toEqual({ rows: 1 });
    expect(lost.fired).toBe(1);
    expect(await stored(database, 't')).toEqual([{ id: 1 }]);
  });

  test('one that did not come to the server is told to have had no effect', async () => {
    await using database = await leaseDatabase();
    await using place = await behindLink(database);
    const { link, destination } = place;
    link.when(commitSent, { do: 'reset', at: 'before' });
    await expect(destination.writeRows({ name: 't' }, rows, append)).rejects.toMatchObject({
      kind: 'transient',
      effect: 'none',
      message: expect.stringContaining('the server says that nothing was written') as string,
    });
    expect(await stored(database, 't')).toEqual([]);
  });

  test('a transaction that the server would go on with is ended, and what became of it is known then', async () => {
    await using database = await leaseDatabase();
    await using place = await behindLink(database, { silenceTimeoutMs: 500 });
    const { link, destination } = place;
    link.when(commitSent, { do: 'stall', at: 'before' });
    await expect(destination.writeRows({ name: 't' }, rows, append)).rejects.toMatchObject({
      kind: 'transient',
      effect: 'none',
    });
    const open = `SELECT count(*)::int AS open FROM pg_stat_activity
      WHERE datname = current_database() AND state = 'idle in transaction'`;
    expect(await database.query(open)).toEqual([{ open: 0 }]);
  }, 20_000);

  test('what cannot be found out is told as unknown', async () => {
    await using database = await leaseDatabase();
    await using place = await behindLink(database);
    const { link, destination } = place;
    link.when(committed, { do: 'reset', at: 'before' });
    link.when(
      { protocol: 'postgres', from: 'client', message: 'StartupMessage', times: Infinity, nth: 2 },
      { do: 'reset', at: 'before' },
    );
    await expect(destination.writeRows({ name: 't' }, rows, append)).rejects.toMatchObject({
      kind: 'transient',
      effect: 'unknown',
    });
    expect(await stored(database, 't')).toEqual([{ id: 1 }]);
  });

  test('a constraint that is checked at the COMMIT fails the write, which had no effect', async () => {
    await using database = await leaseDatabase();
    await database.query('CREATE TABLE d (id int8 UNIQUE DEFERRABLE INITIALLY DEFERRED)');
    await using destination = destinationOn(database);
    await expect(destination.writeRows({ name: 'd' }, [...rows, ...rows], append)).rejects.toMatchObject({
      code: 'invalid-data',
      kind: 'terminal',
      effect: 'none',
      serverCode: '23505',
    });
    expect(await stored(database, 'd')).toEqual([]);
  });

  test('an abort while the COMMIT is under way throws its reason, and nothing is written', async () => {
    await using database = await leaseDatabase();
    await using place = await behindLink(database);
    const { link, destination } = place;
    const controller = new AbortController();
    const reason = new Error('enough');
    const stalled = link.when(commitSent, { do: 'stall', at: 'before' });
    const writing = destination.writeRows({ name: 't' }, rows, { ...append, signal: controller.signal });
    writing.catch(() => undefined);
    // Each look is a round trip, in which the write goes on.
    await until(async () => (await database.query('SELECT 1')).length > 0 && stalled.fired > 0);
    controller.abort(reason);
    await expect(writing).rejects.toBe(reason);
    expect(await stored(database, 't')).toEqual([]);
  }, 20_000);
});
