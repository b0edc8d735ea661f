import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { jest } from '@jest/globals';
import { builtInServices, fromVariables, planInstall, toVariables } from '@sqlflow/service-runtime';
import { describeIntegration, leaseBucket, leaseDatabase, leaseKeyspace } from '@sqlflow/test-harness';
import { type PublicPackage, publicPackages } from '../../src/public-packages.js';
import { readmeFiles } from '../../src/readme-files.js';
import { compile } from './compile.js';
import { type EmptyProject, emptyProject } from './empty-project.js';
import { type PackedPackage, packPackages } from './packed-packages.js';

const repository = fileURLToPath(new URL('../../../..', import.meta.url));
const packages = publicPackages(repository);
/**
 * An example starts services of its own, which stop with it; on a machine that lacks their programs it has those of this
 * run, wherever they come from.
 */
const hasPrograms = (await planInstall(repository, builtInServices)).missing.length === 0;
const exampleServices = hasPrograms
  ? { SERVICES_PROVIDER: 'local', SERVICES_KEEP_WARM_MS: '0' }
  : { SERVICES_PROVIDER: 'external', ...variablesOfThisRun() };

function variablesOfThisRun(): Record<string, string> {
  return toVariables(fromVariables(builtInServices, process.env));
}

/** The newcomer's own tools, where an example needs more than a compiler. */
const tools: Readonly<Record<string, readonly string[]>> = {
  '@sqlflow/test-harness': ['@types/jest', 'jest', 'ts-jest', 'typescript'],
};

jest.setTimeout(240_000);

let folder: string;
let projects: Map<string, Promise<EmptyProject>>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sqlflow-packed-'));
  const packed = await packPackages(repository, packages, folder);
  // npm installs one project while the one before is compiled and run: that takes a third of the time away.
  let last: Promise<unknown> = Promise.resolve();
  projects = new Map(
    packages.map((each) => {
      const made = last.then(() => newcomerTo(each, packed));
      last = made.catch(() => undefined);
      return [each.name, made];
    }),
  );
});
afterAll(async () => {
  for (const made of await Promise.allSettled(projects.values()))
    if (made.status === 'fulfilled') await made.value[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** A project with the files of a package's README, in which it is installed with what it depends on, and nothing more. */
function newcomerTo(
  chosen: PublicPackage,
  packed: ReadonlyMap<string, PackedPackage>,
): Promise<EmptyProject> {
  return emptyProject({
    repository,
    tarballs: [chosen.name, ...chosen.ownDependencies].map((name) => packed.get(name)!.tarball),
    tools: ['@types/node', ...(tools[chosen.name] ?? [])],
    files: readmeFiles(readFileSync(join(repository, chosen.folder, 'README.md'), 'utf8')),
  });
}

describe('the example in the README, in a project that has only what its packages declare, of', () => {
  test('connector-contract prints the rows of a source', async () => {
    const project = await projects.get('@sqlflow/connector-contract')!;
    compile(project.folder);
    expect(await project.node(['out/example.js'])).toContain("orders { id: 2n, customer: 'Grace' }");
  });

  test('resilience prints what the comments beside it say, each of them', async () => {
    const project = await projects.get('@sqlflow/resilience')!;
    compile(project.folder);
    const printed = {
      example: 'attempt 2 follows\nattempt 3 follows\ndone at attempt 3\n',
      compose: 'through all four\n',
      retry: 'Error: 429 3\n',
      'rate-limiter': 'call 1 was made\ncall 2 was made\nrate-limited\n',
      'circuit-breaker': 'opened\nopen\n',
      others: 'ResilienceError: no answer in 50 ms (timeoutMs)\nanswered by attempt 2\nnothing\n',
      'time-in-tests': '3 [ 1000, 2000 ]\n',
    };
    for (const [name, lines] of Object.entries(printed))
      expect(await project.node([`out/${name}.js`])).toBe(lines);
  });
});

describeIntegration('postgres', () => {
  test('the example of postgres-connector reads a table', async () => {
    await using database = await leaseDatabase();
    await database.query('CREATE TABLE orders AS SELECT 7::int8 AS id, 1.10::numeric(9,2) AS amount');
    const project = await projects.get('@sqlflow/postgres-connector')!;
    compile(project.folder);
    const output = await project.node(['out/example.js'], toVariables({ postgres: database.endpoint }));
    expect(output).toContain('public.orders: about');
    expect(output).toContain('1 rows of id, amount');
    expect(output).toContain("{ id: 7n, amount: '1.10' }");
  });

  test('the example of postgres-connector writes a table', async () => {
    await using database = await leaseDatabase();
    await database.query(
      'CREATE TABLE orders (id int8, amount numeric(9,2)); INSERT INTO orders VALUES (6, 1), (7, 1.10)',
    );
    const project = await projects.get('@sqlflow/postgres-connector')!;
    compile(project.folder);
    const output = await project.node(['out/write-example.js'], toVariables({ postgres: database.endpoint }));
    expect(output).toBe(
      [
        '2 rows copied',
        'row 1: column "amount" has a text that is no number',
        '2 rows taken, 1 rejected',
        "{ format: 'example', version: 1, position: 8 }",
        "{ id: 6n, amount: '1.00' }",
        "{ id: 7n, amount: '1.20' }",
        '',
      ].join('\n'),
    );
  });
});

describeIntegration('object-store', () => {
  test('the example of s3-connector lists the objects of a bucket', async () => {
    await using bucket = await leaseBucket();
    await bucket.client.putObject(bucket.name, '2025/old', '1');
    await bucket.client.putObject(bucket.name, '2026/new', '1234');
    const project = await projects.get('@sqlflow/s3-connector')!;
    compile(project.folder);
    const variables = toVariables({ 'object-store': bucket.endpoint });
    const output = await project.node(['out/example.js', bucket.name], variables);
    expect(output).toMatch(/^2026\/new 4 /);
    expect(output).not.toContain('2025/old');
  });
});

describeIntegration('redis', () => {
  test('the example of redis-connector scans keys', async () => {
    await using keyspace = await leaseKeyspace();
    await keyspace.client.hset(`${keyspace.prefix}order:1`, 'amount', '7');
    const project = await projects.get('@sqlflow/redis-connector')!;
    compile(project.folder);
    const variables = toVariables({ redis: keyspace.endpoint });
    const output = await project.node(['out/example.js', `${keyspace.prefix}*`], variables);
    expect(output).toBe(`1 keys: ${keyspace.prefix}order:1\n`);
  });
});

describeIntegration(['postgres', 'object-store', 'redis'], 'services that an example starts itself', () => {
  test('the example of service-runtime leases two', async () => {
    const project = await projects.get('@sqlflow/service-runtime')!;
    compile(project.folder);
    const output = await project.node(['out/example.js'], exampleServices);
    expect(output).toMatch(/^postgres: PostgreSQL [\d.]+ at \S+:\d+$/m);
    expect(output).toMatch(/^redis: Redis [\d.]+ at \S+:\d+$/m);
  });

  test('the example of service-runtime breaks a server of its own', async () => {
    const project = await projects.get('@sqlflow/service-runtime')!;
    compile(project.folder);
    const output = await project.node(['out/private.js'], { SERVICES_PROVIDER: 'local' });
    expect(output).toMatch(/^PostgreSQL [\d.]+ came back$/m);
  });

  test('the examples of test-harness are suites that pass, with the preset', async () => {
    const project = await projects.get('@sqlflow/test-harness')!;
    compile(project.folder);
    // Only servers that are started here are broken.
    const examples = ['shop.test.ts', 'fault.test.ts', ...(hasPrograms ? ['outage.test.ts'] : [])];
    await project.node(['--experimental-vm-modules', 'node_modules/jest/bin/jest.js', ...examples], {
      ...exampleServices,
      INTEGRATION_TESTS: 'true', // fails where a service is not to be had
    });
  });

  test('the set-up of nx-services gives a project its target, and its services their commands', async () => {
    const project = await projects.get('@sqlflow/nx-services')!;
    const nx = (...args: string[]): Promise<string> =>
      project.node(['node_modules/nx/dist/bin/nx.js', ...args], {
        ...exampleServices,
        NX_DAEMON: 'false',
        CI: 'true',
      });
    expect(JSON.parse(await nx('show', 'project', 'shop', '--json'))).toMatchObject({
      targets: { integration: { cache: true } },
      metadata: { services: ['postgres', 'redis'] },
    });
    expect(await nx('run', 'services:status')).toContain('No service of this workspace runs.');
  });
});
