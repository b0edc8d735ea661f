import { systemClock } from '../clock.js';
import { Scratch } from '../testing/scratch.js';
import { brokenDefinition, type Client, endSupervisors, lease, redis, setUp } from '../testing/supervised.js';
import { encode, type Request, type ServiceStatus } from './protocol.js';

afterEach(endSupervisors);

describe('a supervisor of private servers', () => {
  const own: Request = { kind: 'private', holder: 'a test', start: redis, limits: {} };
  const status = async (client: () => Client): Promise<readonly ServiceStatus[]> => {
    const asker = client();
    const reply = await asker.ask({ kind: 'status' });
    asker.close();
    return reply?.kind === 'status' ? reply.status.services : [];
  };

  test('starts one more on any port for whoever asks, beside the shared one, and ends it with the connection', async () => {
    using scratch = new Scratch();
    const { launches, client, ended } = await setUp(scratch);
    const sharing = client();
    await sharing.ask(lease(0));
    const holder = client();
    expect(await holder.ask(own)).toMatchObject({ kind: 'ready', offer: { service: 'redis' } });
    expect(launches.map(({ port }) => port)).toEqual([undefined, 0]);
    expect(await status(client)).toMatchObject([
      { service: 'redis', phase: 'running', private: false },
      { service: 'redis', phase: 'running', private: true, holders: ['a test'] },
    ]);
    holder.close();
    while ((await status(client)).length > 1) await systemClock.sleep(1);
    sharing.close();
    expect(await ended).toBe('ended');
  });

  test('gives each that runs at the same time a log of its own, and uses the names again', async () => {
    using scratch = new Scratch();
    const { client, ended } = await setUp(scratch);
    const holders = [client(), client(), client()] as const;
    for (const [index, log] of [
      'redis-private-1.log',
      'redis-private-2.log',
      'redis-private-1.log',
    ].entries()) {
      const reply = await holders[index]?.ask(own);
      expect(reply).toMatchObject({ kind: 'ready', offer: { logFile: expect.stringMatching(`${log}$`) } });
      if (index === 1) holders[0].write(encode({ kind: 'end' }));
      if (index === 1) await holders[0].next();
    }
    for (const holder of holders) holder.close();
    expect(await ended).toBe('ended');
  });

  test('does one fault after the other, and says when nothing is left', async () => {
    using scratch = new Scratch();
    const { client, ended } = await setUp(scratch);
    const holder = client();
    await holder.ask(own);
    for (const fault of ['freeze', 'thaw', 'kill'] as const) holder.write(encode({ kind: 'fault', fault }));
    holder.write(encode({ kind: 'fault', fault: 'freeze' }));
    holder.write(encode({ kind: 'end' }));
    expect([await holder.next(), await holder.next(), await holder.next()]).toEqual(
      ['frozen', 'running', 'ended'].map((phase) => ({ kind: 'phase', phase })),
    );
    expect(await holder.next()).toMatchObject({ kind: 'failed', failure: { code: 'FAULT_NOT_POSSIBLE' } });
    expect(await holder.next()).toEqual({ kind: 'phase', phase: 'stopped' });
    expect(await holder.next()).toBeUndefined();
    expect(await ended).toBe('ended');
  });

  test('says why one cannot be had, leaves nothing of it, and closes', async () => {
    using scratch = new Scratch();
    const { client, ended } = await setUp(scratch);
    const broken = client();
    const asked = { ...own, start: { ...redis, service: 'broken' } };
    expect(await broken.ask(asked)).toEqual({ kind: 'failed', failure: brokenDefinition });
    expect(await broken.next()).toBeUndefined();
    const docker = client();
    const refused = await docker.ask({ ...own, start: { ...redis, provider: 'docker' } });
    expect(refused).toMatchObject({ kind: 'failed', failure: { code: 'FAULT_NOT_SUPPORTED' } });
    expect(await ended).toBe('ended');
  });

  test('ends one whose holder asks for what there is not', async () => {
    using scratch = new Scratch();
    const { client, ended } = await setUp(scratch);
    const holder = client();
    await holder.ask(own);
    holder.write('{"kind":"fault","fault":"explode"}\n');
    expect(await holder.next()).toMatchObject({ kind: 'failed' });
    expect(await holder.next()).toBeUndefined();
    expect(await ended).toBe('ended');
  });

  test('does not end while somebody has one, unless it is forced', async () => {
    using scratch = new Scratch();
    const { client, ended } = await setUp(scratch);
    const holder = client();
    await holder.ask(own);
    const inUse = [expect.objectContaining({ private: true, holders: ['a test'] })];
    expect(await client().ask({ kind: 'stop' })).toEqual({ kind: 'done', stopped: [], inUse });
    expect(await client().ask({ kind: 'down', force: false })).toEqual({ kind: 'done', stopped: [], inUse });
    const forced = await client().ask({ kind: 'down', force: true });
    expect(forced).toEqual({ kind: 'done', stopped: ['redis'], inUse: [] });
    holder.close();
    expect(await ended).toBe('ended');
  });

  test('gives up the start of one whose holder has gone', async () => {
    using scratch = new Scratch();
    const { client, ended } = await setUp(scratch);
    const holder = client();
    await holder.next();
    holder.write(encode({ ...own, start: { ...redis, service: 'slow' } }));
    while ((await status(client))[0]?.phase !== 'starting') await systemClock.sleep(1);
    holder.close();
    expect(await ended).toBe('ended');
  });
});
