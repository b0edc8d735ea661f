import type { ExecutorContext } from '@nx/devkit';
import { thisHost } from '@sqlflow/service-runtime';
import { dependentServices } from './dependent-services.js';
import { sayWhereFrom } from './say-where-from.js';

/** A run of these tasks, each with what it waits for; and projects with what they declare. */
function context(
  tasks: Record<string, readonly string[]>,
  declared: Record<string, unknown>,
): ExecutorContext {
  return {
    root: '/w',
    cwd: '/w',
    isVerbose: false,
    projectName: 'services',
    targetName: 'up',
    nxJsonConfiguration: {},
    projectsConfigurations: { version: 2, projects: {} },
    projectGraph: {
      dependencies: {},
      nodes: Object.fromEntries(
        Object.entries(declared).map(([name, services]) => [
          name,
          { name, type: 'lib', data: { root: name, metadata: services === undefined ? {} : { services } } },
        ]),
      ),
    },
    taskGraph: {
      roots: [],
      continuousDependencies: {},
      dependencies: Object.fromEntries(Object.entries(tasks).map(([task, on]) => [task, [...on]])),
      tasks: Object.fromEntries(
        Object.keys(tasks).map((id) => {
          const [project = '', target = ''] = id.split(':');
          return [
            id,
            { id, target: { project, target }, overrides: {}, outputs: [], parallelism: true, cache: false },
          ];
        }),
      ),
    },
  };
}

describe('what is needed by those who wait for services:up', () => {
  test('is nothing known when nobody waits: the target was asked for by name', () => {
    expect(dependentServices(context({ 'services:up': [] }, {}))).toBeUndefined();
    const alone = context({}, {});
    delete alone.taskGraph;
    expect(dependentServices(alone)).toBeUndefined();
  });

  test('is what their projects declare, each service once, in the order in which services are shown', () => {
    const run = context(
      {
        'services:up': [],
        'a:integration': ['services:up'],
        'b:integration': ['services:up', 'a:build'],
        'c:test': ['a:build'],
      },
      { a: ['redis'], b: ['redis', 'postgres'], c: ['object-store'] },
    );
    expect(dependentServices(run)).toEqual(['postgres', 'redis']);
  });

  test('is nothing for a project that declares nothing', () => {
    const run = context(
      {
        'services:up': [],
        'a:integration': ['services:up'],
        'b:e2e': ['services:up'],
        'gone:x': ['services:up'],
      },
      { a: undefined, b: 'not a list' },
    );
    expect(dependentServices(run)).toEqual([]);
  });

  test('cannot be what is no name', () => {
    const run = context({ 'services:up': [], 'a:integration': ['services:up'] }, { a: ['My SQL'] });
    expect(() => dependentServices(run)).toThrow('My SQL');
  });
});

describe('saying where services would come from', () => {
  test('is a line for each', async () => {
    expect((await sayWhereFrom(['postgres', 'redis'], '/nowhere', 'local')).split('\n')).toEqual([
      'postgres: a local process, started when the first test needs it',
      'redis: a local process, started when the first test needs it',
    ]);
    expect(await sayWhereFrom([], '/nowhere', 'local')).toBe('No service is needed.');
  });

  test('names the variable that names a server', async () => {
    const host = { ...thisHost(), environment: { TEST_REDIS_URI: 'redis://cache.example' } };
    expect(await sayWhereFrom(['redis'], '/nowhere', undefined, host)).toBe(
      'redis: the server that TEST_REDIS_URI names',
    );
  });

  test('refuses a provider that there is none of', async () => {
    await expect(sayWhereFrom(['redis'], '/nowhere', 'podman')).rejects.toThrow('podman');
  });
});
