import { existsSync, readFileSync, statSync } from 'node:fs';
import { systemClock } from '../clock.js';
import { Scratch } from '../testing/scratch.js';
import { brokenDefinition, type Client, endSupervisors, lease, redis, setUp } from '../testing/supervised.js';
import { encode, type ServiceStart, type ServiceStatus } from './protocol.js';
import { readState, writeState } from './state-file.js';
import { supervise } from './supervisor.js';

afterEach(endSupervisors);

/** Asks until the service is as wanted. */
async function becomes(client: () => Client, isAsWanted: (status: ServiceStatus) => boolean): Promise<void> {
  for (;;) {
    const asker = client();
    const reply = await asker.ask({ kind: 'status' });
    asker.close();
    const service = reply?.kind === 'status' ? reply.status.services[0] : undefined;
    if (service !== undefined && isAsWanted(service)) return;
  }
}

describe('a supervisor', () => {
  test('serves while Docker still removes what a killed predecessor left, all at once, and does not forget it', async () => {
    using scratch = new Scratch();
    const [asked, free] = [scratch.write('asked', ''), scratch.path('free')];
    // An engine that does not answer before it is let free, and then has nothing.
    scratch.writeProgram(
      'bin/docker',
      `echo "$@" >> ${asked}; until [ -e ${free} ]; do /bin/sleep 0.02; done`,
    );
    const { folders, ended, client } = await setUp(scratch, ({ state, data: dataFolder }) => {
      writeState(state, { dataFolder, processes: [], projects: ['one', 'two'] });
    });
    const holder = client();
    expect(await holder.ask(lease(0))).toMatchObject({ kind: 'ready' });
    while (readFileSync(asked, 'utf8').split('\n').length <= 2) await systemClock.sleep(5);
    expect(readState(folders.state)?.projects).toEqual(['one', 'two']);
    scratch.write('free', '');
    holder.close();
    expect(await ended).toBe('ended');
    expect(readFileSync(asked, 'utf8')).toMatch(/volume ls .*=one$/m);
    expect(readFileSync(asked, 'utf8')).toMatch(/volume ls .*=two$/m);
  });

  test('greets, and gives a lease that ends when its holder closes; then it clears up after itself', async () => {
    using scratch = new Scratch();
    const { folders, launches, ended, client } = await setUp(scratch);
    const holder = client();
    expect(await holder.next()).toEqual({
      kind: 'greeting',
      version: 'test',
      pid: process.pid,
      workspace: folders.workspace,
    });
    holder.write(encode(lease(0)));
    expect(await holder.next()).toMatchObject({
      kind: 'ready',
      offer: { service: 'redis', version: 'redis 7' },
    });
    expect(launches).toHaveLength(1);
    holder.close();
    expect(await ended).toBe('ended');
    expect(existsSync(folders.control)).toBe(false);
    expect(existsSync(folders.data)).toBe(false);
  });

  test('listens on a socket that its own account alone can connect to', async () => {
    using scratch = new Scratch();
    const { folders, told, ended } = await setUp(scratch);
    expect(statSync(folders.socket).mode & 0o777).toBe(0o600);
    told.abort();
    await ended;
  });

  test('ends although the service that its last holder held had ended by itself', async () => {
    using scratch = new Scratch();
    const { launches, ended, client, logs } = await setUp(scratch);
    const holder = client();
    await holder.ask(lease(0));
    launches[0]!.died.resolve('signal SIGKILL');
    await logs('redis (local) stopped: it ended by itself: signal SIGKILL');
    holder.close();
    expect(await ended).toBe('ended');
  });

  test('goes on for the time to keep warm, and for the first client', async () => {
    using scratch = new Scratch();
    const { clock, ended, client } = await setUp(scratch);
    let isOver = false;
    void ended.then(() => {
      isOver = true;
    });
    const holder = client();
    await holder.ask(lease(1_000));
    holder.close();
    await becomes(client, ({ holders }) => holders.length === 0);
    await clock.advance(999);
    expect(isOver).toBe(false);
    await clock.advance(2);
    await ended;
  });

  test('ends when its first client does not come', async () => {
    using scratch = new Scratch();
    const { clock, ended } = await setUp(scratch);
    await clock.advance(10_000);
    expect(await ended).toBe('ended');
  });

  test('pins what `up` asks for, on the port it asks for, until `down`', async () => {
    using scratch = new Scratch();
    const { ended, client, launches } = await setUp(scratch);
    const up = client();
    await up.ask({ kind: 'pin', holder: 'services:up', services: [redis], ports: { redis: 7001 } });
    expect(await up.next()).toEqual({ kind: 'done', stopped: [], inUse: [] });
    up.close();
    const status = await client().ask({ kind: 'status' });
    expect(status).toMatchObject({ status: { services: [{ phase: 'running', pinned: true, holders: [] }] } });
    expect(launches[0]!.port).toBe(7001);
    expect(await client().ask({ kind: 'down', force: false })).toEqual({
      kind: 'done',
      stopped: ['redis'],
      inUse: [],
    });
    await ended;
  });

  test('leaves with `down` what somebody holds, and takes it with force', async () => {
    using scratch = new Scratch();
    const { ended, client } = await setUp(scratch);
    const holder = client();
    await holder.ask(lease(0));
    expect(await client().ask({ kind: 'down', force: false })).toMatchObject({
      stopped: [],
      inUse: [{ service: 'redis', holders: ['a test'] }],
    });
    expect(await client().ask({ kind: 'stop' })).toMatchObject({ inUse: [{ service: 'redis' }] });
    expect(await client().ask({ kind: 'down', force: true })).toMatchObject({ stopped: ['redis'] });
    holder.close();
    await ended;
  });

  test('runs one server for those who ask for the same, and another for whoever asks for it otherwise', async () => {
    using scratch = new Scratch();
    const { told, ended, client, launches } = await setUp(scratch);
    const portFor = async (start: ServiceStart): Promise<unknown> => {
      const reply = await client().ask(lease(0, start));
      return reply?.kind === 'ready' ? reply.offer.endpoint.port : reply;
    };
    const one = { ...redis, variables: { A: '1', B: '2' } };
    const first = await portFor(one);
    expect(first).toEqual(expect.any(Number));
    expect(await portFor({ ...redis, variables: { B: '2', A: '1' } })).toBe(first); // in another order
    const others = [
      await portFor({ ...one, variables: { A: '1' } }),
      await portFor({ ...one, variables: { A: '1', B: '3' } }),
      await portFor(redis),
      await portFor({ ...redis, service: 'cache' }),
    ];
    expect(new Set([first, ...others]).size).toBe(5);
    expect(launches).toHaveLength(5);
    const reply = await client().ask({ kind: 'status' });
    const services = reply?.kind === 'status' ? reply.status.services : [];
    expect(services.map(({ service }) => service).toSorted()).toEqual([
      'cache',
      ...['redis', 'redis', 'redis', 'redis'],
    ]);
    told.abort();
    await ended;
  });

  test('reports a definition that cannot be used as a failure of that service alone', async () => {
    using scratch = new Scratch();
    const { ended, client } = await setUp(scratch);
    const holder = client();
    const replies = [await holder.ask(lease(0, { ...redis, service: 'broken' }, redis)), await holder.next()];
    expect(replies).toContainEqual({ kind: 'failed', failure: brokenDefinition });
    expect(replies).toContainEqual(
      expect.objectContaining({ kind: 'ready', offer: expect.objectContaining({ service: 'redis' }) }),
    );
    holder.close();
    await ended;
  });

  test('says on a holder’s own connection what takes long, before it answers', async () => {
    using scratch = new Scratch();
    // A Docker that has no image and cannot get one.
    scratch.writeProgram(
      'bin/docker',
      `case "$1" in version) echo 27.0 ;; *) echo "no $1" >&2; exit 1 ;; esac`,
    );
    scratch.write(
      'workspace/docker/redis/compose.yml',
      'services:\n  redis:\n    image: redis:7.2\n    ports: ["127.0.0.1:6379:6379"]\n',
    );
    const { ended, client } = await setUp(scratch);
    const holder = client();
    expect(await holder.ask(lease(0, { ...redis, provider: 'docker' }))).toEqual({
      kind: 'progress',
      service: 'redis',
      message: expect.stringContaining('pulling redis:7.2'),
    });
    expect(await holder.next()).toMatchObject({ kind: 'failed', failure: { service: 'redis' } });
    holder.close();
    await ended;
  });

  test('says every 20 s of a start that goes on that it does, so that nobody takes it for dead', async () => {
    using scratch = new Scratch();
    const { clock, told, ended, client } = await setUp(scratch);
    const holder = client();
    const first = holder.ask(lease(0, { ...redis, service: 'slow' }));
    await becomes(client, ({ phase }) => phase === 'starting');
    await clock.advance(20_000);
    expect(await first).toEqual({ kind: 'progress', service: 'slow', message: 'still being started' });
    await clock.advance(10_000); // the start's time is over
    expect(await holder.next()).toMatchObject({ kind: 'failed', failure: { service: 'slow' } });
    holder.close();
    told.abort();
    await ended;
  });

  test('closes on whoever sends garbage, and serves the next', async () => {
    using scratch = new Scratch();
    const { told, ended, client, logged } = await setUp(scratch);
    const keeper = client(); // while it is connected the supervisor goes on
    for (const garbage of [
      'GET / HTTP/1.1\r\n\r\n',
      '{"kind":"format-disk"}\n',
      '[]\n',
      'x'.repeat(1_100_000),
    ]) {
      const stranger = client();
      await stranger.next();
      stranger.write(garbage);
      expect(await stranger.next().catch(() => undefined)).toBeUndefined();
    }
    expect(await client().ask({ kind: 'status' })).toMatchObject({ kind: 'status' });
    expect(logged.filter((line) => line.startsWith('a request failed'))).toHaveLength(4);
    keeper.close();
    told.abort();
    await ended;
  });

  test('is one a workspace: a second one says so and touches nothing', async () => {
    using scratch = new Scratch();
    const { folders, told, ended, common, client } = await setUp(scratch);
    const second = await supervise({ ...common, log: () => undefined, signal: new AbortController().signal });
    expect(second).toBe('busy');
    expect(existsSync(folders.socket)).toBe(true);
    expect(await client().ask({ kind: 'status' })).toMatchObject({ kind: 'status' });
    told.abort();
    await ended;
  });
});
