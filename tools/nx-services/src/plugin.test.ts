import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createNodes } from './plugin.js';

const declaring = (services: unknown): object => ({ metadata: { services } });

/** What the plugin infers in a workspace of these package.json files, and these files of services. */
async function infer(
  manifests: Record<string, unknown>,
  serviceFiles: Readonly<Record<string, string>> = {},
): Promise<Record<string, unknown>> {
  const workspaceRoot = mkdtempSync(join(tmpdir(), 'nx-'));
  try {
    for (const [folder, manifest] of Object.entries({
      '.': { devDependencies: { jest: '30.0.0' } },
      ...manifests,
    })) {
      mkdirSync(join(workspaceRoot, folder), { recursive: true });
      writeFileSync(join(workspaceRoot, folder, 'package.json'), JSON.stringify(manifest));
    }
    for (const [file, content] of Object.entries(serviceFiles)) {
      mkdirSync(dirname(join(workspaceRoot, file)), { recursive: true });
      writeFileSync(join(workspaceRoot, file), content);
    }
    const manifestFiles = Object.keys(manifests).map((folder) => join(folder, 'package.json'));
    const files = [...manifestFiles, ...Object.keys(serviceFiles)];
    const found = await createNodes[1](files, undefined, { workspaceRoot, nxJsonConfiguration: {} });
    return Object.assign({}, ...found.map(([, { projects }]) => projects)) as Record<string, unknown>;
  } finally {
    rmSync(workspaceRoot, { recursive: true });
  }
}

describe('a package.json', () => {
  test('is looked at wherever it is, and passed over if it declares nothing', async () => {
    expect(createNodes[0]).toContain('**/package.json');
    const found = await infer({
      'packages/a': { name: '@x/a', nx: declaring(['redis']) },
      'packages/b': { name: '@x/b' },
      'packages/c': { name: '@x/c', nx: declaring([]) },
    });
    expect(Object.keys(found)).toEqual(['packages/a', 'packages/c']);
    expect(found['packages/a']).toMatchObject({ metadata: { services: ['redis'] } });
  });

  test('names its project as Nx does', async () => {
    const found = await infer({
      'packages/a': { name: '@x/a', nx: { ...declaring([]), name: 'short' } },
      'packages/b': { name: 'b', nx: declaring([]) },
      'packages/c': { nx: declaring([]) },
    });
    const text = JSON.stringify(found);
    for (const name of ['short', 'b', 'c']) expect(text).toContain(`integration-tests/${name}.json`);
  });

  test.each([[['mysql']], ['mysql'], [[7]], [{ mysql: true }]])(
    'that declares %j is named, with the services that there are',
    async (services) => {
      const failing = infer(
        { 'packages/a': { name: 'a', nx: declaring(services) } },
        {
          'docker/memcached/compose.yml': '',
        },
      );
      const error: unknown = await failing.catch((reason: unknown) => reason);
      const { errors } = error as { errors: [string, Error][] };
      expect(errors[0]?.[0]).toBe('packages/a/package.json');
      expect(errors[0]?.[1].message).toMatch(/mysql|7/);
      expect(errors[0]?.[1].message).toContain('postgres, object-store, redis, memcached');
    },
  );
});

describe('a folder of docker/', () => {
  test('is a project without targets, once, whichever of the files of a service it has', async () => {
    const found = await infer(
      {},
      {
        'docker/memcached/compose.yml': '',
        'docker/memcached/service.mjs': '',
        'docker/redis/compose.yml': '',
      },
    );
    expect(found).toMatchObject({
      'docker/memcached': { name: 'services/memcached', tags: ['service'] },
      'docker/redis': { name: 'services/redis' },
    });
    expect(JSON.stringify(found)).not.toContain('targets');
  });

  test('defines a service that projects may declare', async () => {
    const found = await infer(
      { a: { name: 'a', nx: declaring(['memcached', 'redis']) } },
      { 'docker/memcached/service.mjs': '' },
    );
    expect(found['a']).toMatchObject({ metadata: { services: ['redis', 'memcached'] } });
  });

  test('has the variables that its compose file asks for in what results of its users are kept by', async () => {
    const users = { a: ['memcached'], b: ['redis'] };
    const found = await infer(
      Object.fromEntries(Object.entries(users).map(([name, used]) => [name, { name, nx: declaring(used) }])),
      { 'docker/memcached/compose.yml': 'command: [memcached, -m, "${MEMCACHED_MEMORY:-64}"]' },
    );
    expect(JSON.stringify(found['a'])).toContain('{"env":"MEMCACHED_MEMORY"}');
    expect(JSON.stringify(found['b'])).not.toContain('MEMCACHED_MEMORY');
  });
});
