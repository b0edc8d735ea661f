import type { HasherContext, Task } from '@nx/devkit';
import { endpointVariables } from '@sqlflow/service-runtime';
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

/** The hash for a project that uses these services, where this variable is set. */
async function hashWith(variable: string, services: readonly string[] = ['redis']): Promise<string> {
  process.env[variable] = 'one';
  try {
    return await hashFor({ shop: services });
  } finally {
    Reflect.deleteProperty(process.env, variable);
  }
}

test.each([
  'SERVICES_PROVIDER',
  'SERVICES_PATH',
  'TEST_SERVICES_LEASED',
  ...['redis', 'my-cache', 'object-store'].flatMap((service) => endpointVariables(service).names),
])('for those who wait it follows from %s, which decides where a service comes from', async (variable) => {
  const services = ['redis', 'my-cache', 'object-store'];
  expect(await hashWith(variable, services)).not.toBe(await hashFor({ shop: services }));
});

test.each(['TEST_EVENTS_FILE', 'TEST_TAGS', 'SERVICES_KEEP_WARM_MS', 'TEST_POSTGRES_HOST'])(
  'for those who wait it is the same with %s, which decides nothing of it',
  async (variable) => {
    expect(await hashWith(variable)).toBe(await hashFor({ shop: ['redis'] }));
  },
);
