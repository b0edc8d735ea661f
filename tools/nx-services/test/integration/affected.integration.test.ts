import { type RepositoryCopy, repositoryCopy } from './repository-copy.js';

const connectors = ['postgres-connector', 'redis-connector', 's3-connector'];
/** The suites that the table is about. Others may come: this says nothing of them. */
const all = [...connectors, 'harness-suite', 'nx-services', 'service-runtime'].toSorted();
const allBut = (one: string): string[] => all.filter((suite) => suite !== one);

let copy: RepositoryCopy;
beforeAll(() => {
  copy = repositoryCopy();
});
afterAll(() => copy[Symbol.dispose]());
afterEach(() => copy.reset());

/** The suites that Nx counts as affected by what the copy has been edited to. */
async function affectedSuites(): Promise<string[]> {
  const args = ['show', 'projects', '--affected', '--base=HEAD', '--with-target=integration', '--json'];
  const shown = await copy.nx(args);
  expect(shown).toMatchObject({ exitCode: 0 });
  const projects = JSON.parse(shown.output.slice(shown.output.indexOf('['))) as string[];
  return projects.filter((project) => all.includes(project)).toSorted();
}

describe('a change of these files', () => {
  const inCode = (content: string): string => `${content}\n// changed\n`;
  const inText = (content: string): string => `${content}\nchanged\n`;
  const inYaml = (content: string): string => `${content}# changed\n`;

  test.each<[path: string, change: (content: string) => string, suites: readonly string[]]>([
    ['packages/resilience/src/retry.ts', inCode, connectors],
    ['packages/connector-contract/src/index.ts', inCode, allBut('service-runtime')],
    ['packages/s3-connector/src/index.ts', inCode, ['s3-connector']],
    ['docker/postgres/compose.yml', inYaml, ['harness-suite', 'postgres-connector']],
    ['packages/test-harness/src/index.ts', inCode, allBut('service-runtime')],
    ['packages/service-runtime/src/index.ts', inCode, all],
    ['tools/nx-services/src/plugin.ts', inCode, all],
    // Nx counts every file of a project; that the results come from the cache, cache-key.integration.test.ts shows.
    ['packages/s3-connector/README.md', inText, ['s3-connector']],
  ])('%s concerns those that depend on them', async (path, change, suites) => {
    copy.edit(path, change);
    expect(await affectedSuites()).toEqual(suites);
  });

  test('README.md, docs/ and .github/ concerns none', async () => {
    copy.edit('README.md', inText);
    copy.edit('docs/troubleshooting.md', inText);
    copy.edit('.github/workflows/ci.yml', inYaml);
    expect(await affectedSuites()).toEqual([]);
  });
});

describe('in the lockfile, a new version of', () => {
  test.each<[name: string, suites: readonly string[]]>([
    ['vega-datasets', ['postgres-connector']],
    ['p-retry', connectors],
    // The harness leases with the clients of all services. The runtime itself has no need of this one.
    ['ioredis', allBut('service-runtime')],
    ['prettier', []],
    ...['jest', 'ts-jest', 'typescript', 'nx', '@swc/core'].map((name): [string, string[]] => [name, all]),
  ])('%s concerns those that depend on it', async (name, suites) => {
    copy.edit('package-lock.json', (content) => {
      const lock = JSON.parse(content) as {
        packages: Record<string, { version: string; integrity?: string }>;
      };
      const entry = lock.packages[`node_modules/${name}`]!;
      entry.version = '9999.0.0';
      entry.integrity = `sha512-${'A'.repeat(86)}==`;
      return JSON.stringify(lock, null, 2);
    });
    expect(await affectedSuites()).toEqual(suites);
  });
});

test('nx affected runs the suites that are concerned, and no other', async () => {
  copy.edit('packages/s3-connector/src/index.ts', (content) => `${content}\n// changed\n`);
  const { exitCode, output } = await copy.nx([
    'affected',
    '-t',
    'integration',
    '--base=HEAD',
    '--output-style=static',
  ]);
  expect([exitCode, output]).toEqual([
    0,
    expect.stringMatching(/> nx run s3-connector:integration\s[\s\S]*ran/),
  ]);
  expect(output.match(/> nx run \S+:integration/g)).toEqual(['> nx run s3-connector:integration']);
  expect(output).toMatch(/^object-store: /m);
  expect(output).not.toMatch(/^(postgres|redis): /m);
});

test('nx affected with nothing to run is no failure', async () => {
  copy.edit('README.md', () => 'changed');
  const { exitCode, output } = await copy.nx(['affected', '-t', 'integration', '--base=HEAD']);
  expect([exitCode, output]).toEqual([0, expect.stringContaining('No tasks were run')]);
});

test('the graph shows who uses which service', async () => {
  const { exitCode } = await copy.nx(['graph', '--file=graph.json']);
  expect(exitCode).toBe(0);
  let written = '';
  copy.edit('graph.json', (content) => (written = content));
  const { graph } = JSON.parse(written) as {
    graph: { dependencies: Record<string, { target: string; type: string }[]> };
  };
  const usersOf = (service: string): string[] =>
    Object.entries(graph.dependencies).flatMap(([project, on]) =>
      on.some(({ target }) => target === `services/${service}`) ? [project] : [],
    );
  expect(usersOf('postgres').toSorted()).toEqual(
    expect.arrayContaining(['harness-suite', 'postgres-connector']),
  );
  expect(usersOf('redis')).not.toContain('postgres-connector');
});
