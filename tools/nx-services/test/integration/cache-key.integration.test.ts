import { type RepositoryCopy, repositoryCopy } from './repository-copy.js';

/** A service of the workspace's own, and a project that uses it. */
const memcached = {
  'docker/memcached/compose.yml': `services:
  memcached:
    image: \${MEMCACHED_IMAGE:-memcached:1.6.39}
    command: [memcached, -m, '\${MEMCACHED_MEMORY:-64}']
`,
  'docker/memcached/service.mjs': 'export default {};\n',
  // How a workspace says what the version of its own service is.
  'docker/memcached/project.json': JSON.stringify({
    namedInputs: { production: ['{projectRoot}/**/*', { runtime: 'echo "$MEMCACHED_VERSION"' }] },
  }),
  'packages/shop/package.json': JSON.stringify({
    name: '@sqlflow/shop',
    nx: { name: 'shop', metadata: { services: ['memcached'] } },
  }),
};
const suites = ['postgres-connector', 'redis-connector', 's3-connector', 'shop'];

let copy: RepositoryCopy;
beforeAll(async () => {
  copy = repositoryCopy(memcached);
  await expect(suitesThatRun()).resolves.toEqual(suites);
});
afterAll(() => copy[Symbol.dispose]());
afterEach(() => copy.reset());

/** The suites that have no result in the cache for the copy as it is edited, and these variables. */
async function suitesThatRun(
  variables: Readonly<Record<string, string>> = {},
  of: readonly string[] = suites,
): Promise<string[]> {
  const projects = `--projects=${of.join(',')}`;
  const args = [
    'run-many',
    '-t',
    'integration',
    projects,
    // Nx runs `up` from this repository's TypeScript, made CommonJS, which cannot import a service.mjs.
    '--excludeTaskDependencies',
    '--output-style=static',
  ];
  const run = await copy.nx(args, variables);
  if (run.exitCode !== 0) throw new Error(run.output);
  return of.filter((suite) => new RegExp(`> nx run ${suite}:integration\\s*\\n`).test(run.output));
}

test('nothing has changed: no suite runs', async () => {
  await expect(suitesThatRun()).resolves.toEqual([]);
});

test.each<[variables: Record<string, string>, suites: readonly string[]]>([
  [{ SERVICES_PROVIDER: 'docker' }, suites],
  [{ SERVICES_PROVIDER: 'local' }, suites],
  [{ SERVICES_IMAGE_MIRROR: 'mirror.example:5000/hub' }, suites],
  [{ TEST_TAGS: 'smoke' }, suites],
  [{ TEST_KEYWORD: 'reads' }, suites],
  [
    { POSTGRES_IMAGE: 'postgres:17', TEST_S3_ENDPOINT: 'store.example:9000' },
    ['postgres-connector', 's3-connector'],
  ],
  [
    { TEST_POSTGRES_URI: 'postgres://a:b@c/d', TEST_REDIS_URI: 'redis://c' },
    ['postgres-connector', 'redis-connector'],
  ],
  [{ OBJECT_STORE_IMAGE: 'rustfs/rustfs:1', MEMCACHED_IMAGE: 'memcached:1.6.40' }, ['s3-connector', 'shop']],
  [
    { REDIS_IMAGE: 'redis:8', TEST_MEMCACHED_HOST: 'c', TEST_MEMCACHED_PORT: '1' },
    ['redis-connector', 'shop'],
  ],
  [{ MEMCACHED_VERSION: '1.6.40' }, ['shop']],
  [{ MEMCACHED_MEMORY: '128' }, ['shop']],
  [{ TEST_S3_VERSION: '2', TEST_REDIS_VERSION: '8' }, ['redis-connector', 's3-connector']],
])('%j is another result for those whom it concerns', async (variables, concerned) => {
  await expect(suitesThatRun(variables)).resolves.toEqual(concerned);
});

test('the results of one provider are kept beside those of another', async () => {
  await expect(suitesThatRun({ SERVICES_PROVIDER: 'docker' })).resolves.toEqual([]);
  await expect(suitesThatRun()).resolves.toEqual([]);
});

test.each<[paths: readonly string[], suites: readonly string[]]>([
  [
    ['docker/redis/compose.yml', 'docker/memcached/service.mjs'],
    ['redis-connector', 'shop'],
  ],
  [['docker/memcached/compose.yml'], ['shop']],
  [['packages/resilience/src/retry.ts'], ['postgres-connector', 'redis-connector', 's3-connector']],
])('a change of %j is another result for those who use it', async (paths, concerned) => {
  for (const path of paths) copy.edit(path, (content) => `${content}\n`);
  await expect(suitesThatRun()).resolves.toEqual(concerned);
});

test('each compose file is part of the result of the runtime, whose tests with Docker use them all', async () => {
  const runtime = ['service-runtime'];
  await expect(suitesThatRun({}, runtime)).resolves.toEqual(runtime);
  copy.edit('docker/redis/compose.yml', (content) => `${content}# changed\n`);
  await expect(suitesThatRun({}, runtime)).resolves.toEqual(runtime);
  copy.reset();
  await expect(suitesThatRun({}, runtime)).resolves.toEqual([]);
});

test('a README and a unit test of a package below are part of no result', async () => {
  copy.edit('packages/s3-connector/README.md', () => 'changed');
  copy.edit('packages/resilience/README.md', () => 'changed');
  copy.edit('packages/resilience/src/retry.test.ts', () => '// changed');
  await expect(suitesThatRun()).resolves.toEqual([]);
});
