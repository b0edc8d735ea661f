import type { HasherContext, Task } from '@nx/devkit';
import hashUp from './hasher.js';

function task(id: string): Task {
  const [project = '', target = ''] = id.split(':');
  return { id, target: { project, target }, overrides: {}, outputs: [], parallelism: true, cache: true };
}

/** The hash of services:up in a run of tasks that wait for it, whose projects declare these services. */
async function hashFor(declared: Readonly<Record<string, readonly string[]>>): Promise<string> {
  const waiting = Object.keys(declared).map((project) => `${project}:integration`);
  const up = task('services:up');
  const { value } = await hashUp(up, {
    taskGraph: {
      roots: [up.id],
      tasks: Object.fromEntries([up, ...waiting.map(task)].map((each) => [each.id, each])),
      dependencies: Object.fromEntries([[up.id, []], ...waiting.map((id) => [id, [up.id]] as const)]),
      continuousDependencies: {},
    },
    projectGraph: {
      nodes: Object.fromEntries(
        Object.entries(declared).map(([name, services]) => [
          name,
          { name, type: 'lib', data: { root: name, metadata: { services } } },
        ]),
      ),
      dependencies: {},
    },
  } as unknown as HasherContext);
  return value;
}

test('a call by name is like no other call, so that it is never taken from the cache', async () => {
  expect(await hashFor({})).not.toBe(await hashFor({}));
});

test('for those who wait it follows from what they declare', async () => {
  expect(await hashFor({ shop: ['redis'] })).toBe(await hashFor({ shop: ['redis'] }));
  expect(await hashFor({ shop: ['redis'] })).not.toBe(await hashFor({ shop: ['postgres'] }));
});

test('for those who wait it follows from the variables that choose a provider', async () => {
  const before = await hashFor({ shop: ['redis'] });
  process.env['TEST_REDIS_HOST'] = 'redis.example';
  try {
    expect(await hashFor({ shop: ['redis'] })).not.toBe(before);
  } finally {
    delete process.env['TEST_REDIS_HOST'];
  }
});
