import { setImmediate } from 'node:timers/promises';
import { ServiceFailure } from '../failure/service-failure.js';
import type { ServiceOffer } from '../service/running-service.js';
import { type Deferred, deferred } from '../testing/deferred.js';
import { VirtualClock } from '../testing/virtual-clock.js';
import { type BreakableServer, PrivateServer } from './private-server.js';
import type { Phase } from './protocol.js';

const offer: ServiceOffer = {
  service: 'redis',
  provider: 'local',
  endpoint: { host: '127.0.0.1', port: 6379 },
  version: 'Redis 7',
};

/** Writes down what is done to it. What it is told to fail of, it fails of. */
class FakeServer implements BreakableServer {
  readonly done: string[] = [];
  readonly failures = new Map<string, Error>();
  end: Deferred<string> = deferred();
  /** Set, it starts only when this settles. */
  pending: Deferred<undefined> | undefined;

  get ended(): Promise<unknown> {
    return this.end.promise;
  }

  async start(signal: AbortSignal): Promise<ServiceOffer> {
    await this.#do('start');
    signal.addEventListener('abort', () => this.pending?.reject(signal.reason));
    await this.pending?.promise;
    return offer;
  }

  freeze = (): Promise<void> => this.#do('freeze');
  thaw = (): Promise<void> => this.#do('thaw');
  fillDisk = (): Promise<void> => this.#do('fillDisk');
  freeDisk = (): Promise<void> => this.#do('freeDisk');

  async kill(): Promise<void> {
    await this.#do('kill');
    this.end.resolve('SIGKILL');
  }

  assertRestarts(): void {
    const failure = this.failures.get('assertRestarts');
    if (failure !== undefined) throw failure;
  }

  async restart(): Promise<void> {
    await this.#do('restart');
    this.end = deferred();
  }

  clear(phase: Phase): Promise<void> {
    return this.#do(`clear ${phase}`);
  }

  async #do(what: string): Promise<void> {
    this.done.push(what);
    await setImmediate();
    const failure = this.failures.get(what);
    if (failure !== undefined) throw failure;
  }
}

function setUp() {
  const fake = new FakeServer();
  const clock = new VirtualClock();
  const server = new PrivateServer({ service: 'redis', provider: 'local' }, 'a test', fake, clock);
  return { fake, clock, server };
}

/** And until what it waits for then. */
async function untilDone({ done }: FakeServer, what: string): Promise<void> {
  while (!done.includes(what)) await setImmediate();
  await setImmediate();
  await setImmediate();
}

async function running() {
  const all = setUp();
  expect(await all.server.start()).toEqual(offer);
  return all;
}

describe('a private server', () => {
  test('says what it is and whose', async () => {
    const { server } = setUp();
    const status = { service: 'redis', provider: 'local', private: true, pinned: false, holders: ['a test'] };
    expect(server.status()).toEqual({ ...status, phase: 'starting' });
    await server.start();
    expect(server.status()).toEqual({ ...status, phase: 'running', offer });
  });

  test('goes from one phase to the next, and what is done already is not done again', async () => {
    const { fake, server } = await running();
    expect(await server.fault('thaw')).toBe('running');
    expect(await server.fault('freeze')).toBe('frozen');
    expect(await server.fault('freeze')).toBe('frozen');
    expect(await server.fault('thaw')).toBe('running');
    expect(await server.fault('fillDisk')).toBe('running');
    expect(await server.fault('kill')).toBe('ended');
    expect(await server.fault('freeDisk')).toBe('ended');
    expect(await server.fault('restart')).toBe('running');
    expect(fake.done).toEqual(['start', 'freeze', 'thaw', 'fillDisk', 'kill', 'freeDisk', 'kill', 'restart']);
  });

  test('does one thing after the other, in the order asked', async () => {
    const { server } = await running();
    const phases = await Promise.all(
      (['freeze', 'kill', 'restart', 'freeze'] as const).map((f) => server.fault(f)),
    );
    expect(phases).toEqual(['frozen', 'ended', 'running', 'frozen']);
  });

  test('cannot be frozen or thawed once it has ended, and says what to do', async () => {
    const { server } = await running();
    await server.fault('kill');
    for (const fault of ['freeze', 'thaw'] as const) {
      await expect(server.fault(fault)).rejects.toMatchObject({
        report: { code: 'FAULT_NOT_POSSIBLE', service: 'redis', next: ['Restart it first.'] },
      });
    }
  });

  test.each(['thaw', 'freeze'] as const)('is known to have ended by itself, after %s', async (fault) => {
    const { fake, server } = await running();
    await server.fault('restart');
    await server.fault(fault);
    fake.end.resolve('exit code 1');
    await setImmediate();
    expect(server.status().phase).toBe('ended');
  });

  test('is not killed for a restart that it cannot have', async () => {
    const { fake, server } = await running();
    fake.failures.set('assertRestarts', new Error('never'));
    await expect(server.fault('restart')).rejects.toThrow('never');
    expect(fake.done).toEqual(['start']);
    expect(server.status().phase).toBe('running');
  });

  test('stays ended when it does not come up again, and may be restarted once more', async () => {
    const { fake, server } = await running();
    fake.failures.set('restart', new Error('the disk is full'));
    await expect(server.fault('restart')).rejects.toThrow('the disk is full');
    expect(server.status().phase).toBe('ended');
    fake.failures.clear();
    expect(await server.fault('restart')).toBe('running');
  });

  test('stays as it is when a fault fails', async () => {
    const { fake, server } = await running();
    fake.failures.set('freeze', new Error('it did not stop'));
    await expect(server.fault('freeze')).rejects.toThrow('it did not stop');
    expect(server.status().phase).toBe('running');
  });

  test('has 30 s to start', async () => {
    const { fake, clock, server } = setUp();
    fake.pending = deferred();
    const started = server.start();
    started.catch(() => undefined);
    await clock.advance(29_999);
    expect(server.status().phase).toBe('starting');
    await clock.advance(1);
    await expect(started).rejects.toThrow('redis had 30 s to start');
  });

  test('is stopped once, in the phase that it is in, and can do nothing any more', async () => {
    const { fake, server } = await running();
    await server.fault('freeze');
    await Promise.all([server.stop(), server.stop()]);
    expect(fake.done).toEqual(['start', 'freeze', 'clear frozen']);
    expect(server.status().phase).toBe('stopped');
    await expect(server.fault('thaw')).rejects.toThrow(ServiceFailure);
  });

  test('gives up its start when it is stopped', async () => {
    const { fake, server } = setUp();
    fake.pending = deferred();
    const started = server.start();
    started.catch(() => undefined);
    await untilDone(fake, 'start');
    await server.stop();
    await expect(started).rejects.toThrow('nobody wants it any more');
    expect(fake.done).toEqual(['start', 'clear starting']);
  });

  test('is stopped after the fault that is under way', async () => {
    const other = await running();
    const frozen = other.server.fault('freeze');
    await setImmediate();
    await other.server.stop();
    expect(await frozen).toBe('frozen');
    expect(other.fake.done).toEqual(['start', 'freeze', 'clear frozen']);
  });
});
