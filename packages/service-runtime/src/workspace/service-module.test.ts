import { readFileSync } from 'node:fs';
import { systemClock } from '../clock.js';
import { ServiceFailure } from '../failure/service-failure.js';
import type { EndSignal } from '../process/owned-process.js';
import type { LaunchContext, RunningService } from '../service/running-service.js';
import type { ServiceDefinition } from '../service/service-definition.js';
import { Scratch } from '../testing/scratch.js';
import { type ServerPlace, type ServerStart, type ServiceModule, toDefinition } from './service-module.js';

const never = new AbortController().signal;
const patience = 5_000;

interface Asked {
  readonly command?: (place: ServerPlace) => unknown;
  readonly probe?: (endpoint: unknown, signal: AbortSignal) => unknown;
  readonly packages?: NonNullable<ServiceModule['local']>['packages'];
}

/** A service whose program is `fake-server` in the scratch folder, with what a person may have written by mistake. */
function definition({ command, probe, packages }: Asked = {}): ServiceDefinition {
  return toDefinition('my-cache', {
    standardPort: 47_123,
    probe: probe ?? (() => Promise.resolve('my cache 1.6')),
    local: {
      program: 'fake-server',
      ...(packages && { packages }),
      command: command ?? ((): ServerStart => ({ args: [] })),
    },
  });
}

interface World {
  readonly context: LaunchContext;
  readonly recorded: EndSignal[];
}

function world(scratch: Scratch, changes: Partial<LaunchContext> = {}): World {
  const recorded: EndSignal[] = [];
  const context = {
    host: scratch.host(),
    clock: systemClock,
    dataFolder: scratch.makeFolder('data'),
    logFile: scratch.write('my-cache.log', ''),
    port: 0,
    signal: AbortSignal.timeout(patience),
    record: (_: unknown, endSignal: EndSignal) => recorded.push(endSignal),
    ...changes,
  };
  return { context, recorded };
}

/** Reads what the program has written about itself; it does so before the probe answers. */
const probeOf = (file: string) => () => readFileSync(file, 'utf8').trim();

async function launch(one: ServiceDefinition, context: LaunchContext): Promise<RunningService> {
  if (one.local === undefined) throw new Error('it cannot be launched');
  return one.local.launch(context);
}

async function failureOf(launched: Promise<unknown>): Promise<unknown> {
  const error: unknown = await launched.catch((reason: unknown) => reason);
  return error instanceof ServiceFailure ? error.report : error;
}

describe('a service that a workspace defines', () => {
  test('is its program, started as its command says, in the foreground of our own', async () => {
    using scratch = new Scratch();
    const said = scratch.path('said');
    scratch.writeProgram(
      'bin/fake-server',
      `echo "$* GREETING=$GREETING" > ${said}.new; mv ${said}.new ${said}; exec sleep 60`,
    );
    const { context, recorded } = world(scratch);
    const one = definition({
      probe: probeOf(said),
      command: ({ host, port, dataFolder }) => ({
        args: ['--listen', host, '-p', String(port), '--data', dataFolder],
        environment: { GREETING: 'hello' },
      }),
    });
    const running = await launch(one, context);
    try {
      const { host, port } = running.endpoint;
      expect(host).toBe('127.0.0.1');
      expect(running.version).toBe(
        `--listen 127.0.0.1 -p ${port} --data ${context.dataFolder} GREETING=hello`,
      );
      expect(recorded).toEqual(['SIGKILL']);
    } finally {
      await running.stop();
    }
    expect(await running.ended).toBe('signal SIGKILL');
  });

  test('is ended by the signal that it asks for', async () => {
    using scratch = new Scratch();
    const said = scratch.path('said');
    scratch.writeProgram(
      'bin/fake-server',
      `trap 'exit 7' TERM; echo up > ${said}; while :; do sleep 0.02; done`,
    );
    const { context, recorded } = world(scratch);
    const one = definition({ probe: probeOf(said), command: () => ({ args: [], endSignal: 'SIGTERM' }) });
    const running = await launch(one, context);
    await running.stop();
    expect(await running.ended).toBe('exit code 7');
    expect(recorded).toEqual(['SIGTERM']);
  });

  test('is offered once its probe answers, with whatever it answers as text', async () => {
    using scratch = new Scratch();
    scratch.writeProgram('bin/fake-server', 'exec sleep 60');
    let asked = 0;
    const one = definition({
      probe: (endpoint) => {
        if (++asked < 3) throw new Error(`nobody at ${JSON.stringify(endpoint)}`); // not even a rejected promise
        return 1.6;
      },
    });
    const running = await launch(one, world(scratch).context);
    await running.stop();
    expect(running.version).toBe('1.6');
    expect(asked).toBe(3);
    expect(await one.probe(running.endpoint, never)).toBe('1.6');
  });

  test('is given up with what its probe said last', async () => {
    using scratch = new Scratch();
    scratch.writeProgram('bin/fake-server', 'exec sleep 60');
    const told = new AbortController();
    const one = definition({
      probe: () => {
        told.abort(new Error('my-cache had 30 s to start'));
        return Promise.reject(new Error('it is asleep'));
      },
    });
    expect(await failureOf(launch(one, world(scratch, { signal: told.signal }).context))).toMatchObject({
      code: 'SERVICE_NOT_READY',
      service: 'my-cache',
      summary: expect.stringContaining('my-cache had 30 s to start'),
      evidence: ['last probe: it is asleep'],
    });
  });

  test('is shown with its last words when it dies while it starts', async () => {
    using scratch = new Scratch();
    scratch.writeProgram('bin/fake-server', 'echo "cannot go on"; exit 3');
    const one = definition({ probe: () => Promise.reject(new Error('ECONNREFUSED')) });
    expect(await failureOf(launch(one, world(scratch).context))).toMatchObject({
      code: 'SERVICE_DIED',
      service: 'my-cache',
      evidence: ['exit code 3', 'cannot go on'],
    });
  });

  test('is said to be missing when its program is, with the command that installs it', async () => {
    using scratch = new Scratch();
    const { context } = world(scratch);
    const one = definition({ packages: { debian: ['memcached'] } });
    expect(() => one.local?.locate(context.host)).toThrow('[BINARY_MISSING] fake-server is not installed');
    expect(one.packages).toEqual({ debian: ['memcached'], homebrew: [] });
    const program = scratch.writeProgram('bin/fake-server', '');
    expect(one.local?.locate(context.host)).toBe(program);
  });

  test.each([
    ['nothing', undefined, /expected object/],
    ['a promise', Promise.resolve({ args: [] }), /args/],
    ['a command line', 'memcached -p 1', /expected object/],
    ['arguments that are no texts', { args: ['-p', 7001] }, /expected string/],
    ['a signal that ends nothing', { args: [], endSignal: 'SIGSTOP' }, /SIGTERM/],
    ['what there is not', { args: [], shell: true }, /shell/],
  ])('starts nothing when its command gives %s, and says so', async (_, start, said) => {
    using scratch = new Scratch();
    const called = scratch.path('called');
    scratch.writeProgram('bin/fake-server', `touch ${called}; exec sleep 60`);
    const { context, recorded } = world(scratch);
    const failure = await failureOf(launch(definition({ command: () => start }), context));
    expect(JSON.stringify(failure)).toMatch(said);
    expect(recorded).toEqual([]);
  });

  test('may have no local program at all', async () => {
    const { local, packages, ...one } = toDefinition('queue', {
      standardPort: 1,
      probe: () => Promise.resolve('queue'),
    });
    expect(local).toBeUndefined();
    expect(packages).toEqual({ debian: [], homebrew: [] });
    expect(one.endpoint({ host: 'here', port: 7 }, { ANY: 'account' })).toEqual({ host: 'here', port: 7 });
  });
});
