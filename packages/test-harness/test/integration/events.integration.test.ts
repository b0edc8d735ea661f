import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  describeIntegration,
  findKept,
  leaseBucket,
  leaseDatabase,
  leaseKeyspace,
  removeKept,
} from '@sqlflow/test-harness';
import { endpointOf } from '../../src/endpoints.js';
import { databases } from './inventory.js';
import { withVariables } from './with-variables.js';

async function recorded(work: () => Promise<void>): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'events-'));
  const file = join(folder, 'events.jsonl');
  try {
    await withVariables({ TEST_EVENTS_FILE: file }, work);
    return readFileSync(file, 'utf8');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const events = (text: string): Record<string, unknown>[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describeIntegration(['postgres', 'object-store', 'redis'], 'what is recorded of leases', () => {
  test('is when each was taken and given back, by which test, and no password', async () => {
    let password: string | undefined;
    const names: string[] = [];
    const text = await recorded(async () => {
      await using database = await leaseDatabase();
      await using bucket = await leaseBucket();
      await using keyspace = await leaseKeyspace();
      names.push(database.endpoint.database, bucket.name, keyspace.prefix.slice(0, -1));
      ({ password } = keyspace.endpoint);
    });
    expect(events(text).map(({ event, kind }) => [event, kind])).toEqual([
      ['lease-taken', 'database'],
      ['lease-taken', 'bucket'],
      ['lease-taken', 'keyspace'],
      ['lease-returned', 'keyspace'],
      ['lease-returned', 'bucket'],
      ['lease-returned', 'database'],
    ]);
    expect(events(text).map(({ name }) => name)).toEqual([...names, ...names.toReversed()]);
    for (const event of events(text)) {
      expect(event).toMatchObject({
        file: expect.stringMatching(/events\.integration\.test\.ts$/),
        test: expect.stringMatching(/is when each was taken/),
        tookMs: expect.any(Number),
      });
    }
    expect(password).toBeDefined();
    expect(text).not.toContain(password);
    expect(text).not.toContain(endpointOf('object-store').secretKey);
  });
});

describeIntegration(['postgres', 'object-store', 'redis'], 'a lease that is to be kept', () => {
  test('stays when it is given back and whoever sweeps, until it is removed by its name', async () => {
    const servers = {
      postgres: endpointOf('postgres'),
      'object-store': endpointOf('object-store'),
      redis: endpointOf('redis'),
    };
    const text = await recorded(() =>
      withVariables({ TEST_KEEP_LEASES: 'true' }, async () => {
        await using database = await leaseDatabase();
        await database.query('CREATE TABLE event AS SELECT 7 AS id');
        await using bucket = await leaseBucket();
        await bucket.client.putObject(bucket.name, 'a', 'one');
        await using keyspace = await leaseKeyspace();
        await keyspace.client.set(`${keyspace.prefix}a`, 'one');
      }),
    );
    const kept = events(text).filter(({ event }) => event === 'lease-kept');
    expect(kept.map(({ kind }) => kind)).toEqual(['keyspace', 'bucket', 'database']);
    const names = new Set(kept.map(({ name }) => name));
    const ours = async () => (await findKept(servers)).filter(({ name }) => names.has(name));
    expect(await ours()).toHaveLength(3);
    const [database] = kept.filter(({ kind }) => kind === 'database').map(({ name }) => name);
    expect(await databases()).toContain(database);
    for (const lease of await ours()) await removeKept(lease, servers);
    expect(await ours()).toEqual([]);
  });
});
