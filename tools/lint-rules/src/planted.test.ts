import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

interface Planted {
  readonly what: string;
  /** Relative to the root of the repository. No file has to be there. */
  readonly path: string;
  readonly text: string;
}
interface Refused extends Planted {
  readonly rule: string;
  /** Part of the message: some rules refuse for more than one reason. */
  readonly says: string;
}
interface Complaint {
  readonly rule: string;
  readonly line: number;
  readonly message: string;
}
type TextByWhat = Readonly<Record<string, string>>;

const connector = 'packages/postgres-connector/src/planted.ts';
const unitTest = 'packages/postgres-connector/src/planted.test.ts';
const integrationTest = 'packages/postgres-connector/test/integration/planted.integration.test.ts';
const decoder = 'packages/postgres-connector/src/decode/planted.ts';
const contract = 'packages/connector-contract/src/planted.ts';
const resilience = 'packages/resilience/src/planted.ts';
const clock = 'packages/resilience/src/clock.ts';
const runtime = 'packages/service-runtime/src/planted.ts';
const harness = 'packages/test-harness/src/planted.ts';
const tool = 'tools/nx-services/src/planted.ts';
const bench = 'tools/bench/src/planted.ts';

const boundaries = '@nx/enforce-module-boundaries';
const byTag = 'can only depend on libs tagged with';
const circular = 'Circular dependency';

const imports = (specifier: string) => `import { planted } from '${specifier}';\nexport { planted };\n`;
const runs = (expression: string) => `export const planted = () => ${expression};\n`;
const disable = (comment: string) => `${comment}\nexport default 1;\n`;

function accept(path: string, texts: TextByWhat): Planted[] {
  return Object.entries(texts).map(([what, text]) => ({ what, path, text }));
}
function refuse(path: string, rule: string, texts: TextByWhat, says = ''): Refused[] {
  return accept(path, texts).map((planted) => ({ ...planted, rule, says }));
}

const refusedImports = [
  ...refuse(connector, boundaries, { 'the harness in a connector': imports('@sqlflow/test-harness') }, byTag),
  ...refuse(connector, boundaries, { 'one connector in another': imports('@sqlflow/s3-connector') }, byTag),
  ...refuse(
    connector,
    boundaries,
    { 'the runtime in a connector': imports('@sqlflow/service-runtime') },
    byTag,
  ),
  ...refuse(connector, boundaries, { 'a tool in a connector': imports('@sqlflow/nx-services') }, byTag),
  ...refuse(
    unitTest,
    boundaries,
    { 'a connector in the test of another': imports('@sqlflow/s3-connector') },
    byTag,
  ),
  ...refuse(
    harness,
    boundaries,
    { 'a connector in the harness': imports('@sqlflow/s3-connector') },
    circular,
  ),
  ...refuse(harness, boundaries, { 'resilience in the harness': imports('@sqlflow/resilience') }, byTag),
  ...refuse(harness, boundaries, { 'a tool in the harness': imports('@sqlflow/nx-services') }, circular),
  ...refuse(
    runtime,
    boundaries,
    { 'the harness in the runtime': imports('@sqlflow/test-harness') },
    circular,
  ),
  ...refuse(
    runtime,
    boundaries,
    { 'the contract in the runtime': imports('@sqlflow/connector-contract') },
    byTag,
  ),
  ...refuse(
    contract,
    boundaries,
    { 'a connector in the contract': imports('@sqlflow/redis-connector') },
    circular,
  ),
  ...refuse(
    contract,
    boundaries,
    { 'the runtime in the contract': imports('@sqlflow/service-runtime') },
    byTag,
  ),
  ...refuse(resilience, boundaries, { 'the harness in resilience': imports('@sqlflow/test-harness') }, byTag),
  ...refuse(tool, boundaries, { 'a connector in a tool': imports('@sqlflow/s3-connector') }, byTag),
  ...refuse(bench, boundaries, { 'a tool in another tool': imports('@sqlflow/nx-services') }, byTag),
  ...refuse(
    connector,
    boundaries,
    { 'the sources of another package by their path': imports('../../resilience/src/clock.js') },
    'cannot be imported by a relative',
  ),
  ...refuse(
    connector,
    boundaries,
    { 'a package that package.json does not name': imports('ioredis') },
    'Only packages defined in the "package.json"',
  ),
  ...refuse(
    connector,
    boundaries,
    { 'its own package by its name': imports('@sqlflow/postgres-connector') },
    'Projects should use relative imports',
  ),
  ...refuse(decoder, 'house/pure-layer', {
    'a Node module in a pure layer': imports('node:buffer'),
    'a Node module, by its old name, in a pure layer': imports('buffer'),
    'a Node module, for its types alone, in a pure layer': "export type { Buffer } from 'node:buffer';\n",
    'the client of a server in a pure layer': imports('pg'),
    'another layer in a pure layer': imports('../plan/read-plan.js'),
  }),
];

const refusedAmbients = [
  ...refuse(connector, 'house/clock', {
    'Date.now': runs('Date.now()'),
    'Date.now taken out of Date': 'export const { now } = Date;\n',
    'new Date()': runs('new Date()'),
    'performance.now': runs('performance.now()'),
    'process.hrtime.bigint': runs('process.hrtime.bigint()'),
  }),
  ...refuse(connector, 'house/timers', {
    setTimeout: runs('setTimeout(planted, 5)'),
    'setInterval by way of globalThis': runs('globalThis.setInterval(planted, 5)'),
    'setTimeout imported from node:timers/promises': "export { setTimeout } from 'node:timers/promises';\n",
    'the whole of node:timers': "export const planted = import('node:timers');\n",
  }),
  ...refuse(unitTest, 'house/timers', { 'a sleep in a unit test': runs('setTimeout(planted, 5)') }),
  ...refuse(integrationTest, 'house/timers', {
    'a sleep in an integration test': runs('setTimeout(planted, 5)'),
  }),
  ...refuse(connector, 'house/random', { 'Math.random': runs('Math.random()') }),
  ...refuse(clock, 'house/random', { 'Math.random in the adapter of the clock': runs('Math.random()') }),
  ...refuse(unitTest, 'house/clock', { 'the time of day in a unit test': runs('new Date()') }),
  ...refuse(connector, 'house/environment', {
    'process.env': runs("process.env['PGHOST']"),
    'env taken out of process': 'export const { env } = process;\n',
    'env imported from node:process': "export { env } from 'node:process';\n",
  }),
  ...refuse(connector, 'house/output', {
    console: runs("console.warn('planted')"),
    'process.stdout': runs("process.stdout.write('planted')"),
    'process.stderr': runs("process.stderr.write('planted')"),
  }),
  ...refuse(unitTest, 'house/output', { 'console in a test': runs("console.warn('planted')") }),
];

const refusedHabits = [
  ...refuse(connector, 'no-restricted-syntax', {
    'an enum': 'export enum Planted { A }\n',
    'export *': "export * from './options.js';\n",
    'a default export': 'export default 1;\n',
  }),
  ...refuse(unitTest, 'no-restricted-syntax', {
    'test.only': "test.only('planted', () => {});\n",
    'test.only.each': "test.only.each([1])('planted', () => {});\n",
    'describe.skip': "describe.skip('planted', () => {});\n",
    xit: "xit('planted', () => {});\n",
  }),
  ...refuse(connector, '@typescript-eslint/no-explicit-any', { any: 'export type Planted = any;\n' }),
  ...refuse(connector, '@typescript-eslint/no-non-null-assertion', {
    'a non-null assertion': 'export const planted = (given?: string) => given!;\n',
  }),
  ...refuse(unitTest, '@typescript-eslint/ban-ts-comment', {
    '@ts-ignore, in a test too': '// @ts-ignore\nexport const planted = 1;\n',
  }),
  // A file that is there, so that TypeScript knows its types.
  ...refuse('packages/resilience/src/index.ts', '@typescript-eslint/no-floating-promises', {
    'a promise that nobody awaits': 'async function planted() { await Promise.resolve(); }\nplanted();\n',
  }),
  ...refuse(connector, 'max-lines', { 'a file of 401 lines': 'export {};\n'.repeat(401) }),
  ...refuse(unitTest, 'max-lines', { 'a test file of 501 lines': 'export {};\n'.repeat(501) }),
  ...refuse('packages/resilience/src/utils.ts', 'house/file-name', { 'a file called utils.ts': runs('1') }),
  ...refuse('packages/resilience/src/helpers/a.ts', 'house/file-name', {
    'a folder called helpers': runs('1'),
  }),
  ...refuse('packages/resilience/src/tokenBucket.ts', 'house/file-name', {
    'a name in camel case': runs('1'),
  }),
  ...refuse(connector, 'house/disable-reason', {
    'eslint-disable in what is shipped': disable(
      '// eslint-disable-next-line no-restricted-syntax -- planted',
    ),
  }),
  ...refuse(unitTest, 'house/disable-reason', {
    'eslint-disable for a whole test file': disable('/* eslint-disable -- planted */'),
    'eslint-disable without a reason': disable('// eslint-disable-next-line no-restricted-syntax'),
    'a rule switched off by a comment': disable('/* eslint no-restricted-syntax: off */'),
  }),
  ...refuse(
    unitTest,
    'eslint',
    {
      'eslint-disable that nothing needs':
        '// eslint-disable-next-line no-var -- planted\nexport const planted = 1;\n',
    },
    'Unused eslint-disable directive',
  ),
];

const accepted = [
  ...accept(connector, {
    'a package of a lower layer': imports('@sqlflow/resilience'),
    'a dependency that package.json names': imports('pg'),
    'a date made from a number': runs('new Date(0)'),
    'a type that mentions a timer': 'export type Planted = ReturnType<typeof setTimeout>;\n',
    'a parameter that is called console': 'export const planted = (console: Set<string>) => console.size;\n',
    'setImmediate, which only yields': "export { setImmediate } from 'node:timers/promises';\n",
    'a file of 400 lines': 'export {};\n'.repeat(400),
  }),
  ...accept(unitTest, {
    'the harness in a unit test of a connector': imports('@sqlflow/test-harness'),
    'a test that runs with the others': "test('planted', () => {});\n",
    'eslint-disable with a reason': disable('// eslint-disable-next-line no-restricted-syntax -- planted'),
  }),
  ...accept(integrationTest, {
    'the harness in an integration test of a connector': imports('@sqlflow/test-harness'),
    'the package under test, by its name': imports('@sqlflow/postgres-connector'),
    'the clock in an integration test': runs('performance.now()'),
  }),
  ...accept(harness, { 'the runtime in the harness': imports('@sqlflow/service-runtime') }),
  ...accept(tool, { 'the runtime in a tool': imports('@sqlflow/service-runtime') }),
  ...accept(decoder, {
    'its own folder in a pure layer': imports('./integer/int4.js'),
    'a file of src/ in a pure layer': imports('../options.js'),
  }),
  ...accept('packages/postgres-connector/src/decode/planted.test.ts', {
    'a Node module in the test of a pure layer': imports('node:fs'),
  }),
  ...accept('packages/postgres-connector/src/session/planted.ts', {
    'a Node module in a layer that is not pure': imports('node:net'),
  }),
  ...accept(clock, {
    'time and timers in the adapter of the clock': runs('setTimeout(planted, Date.now())'),
  }),
  ...accept('packages/test-harness/test/integration/child/planted.ts', {
    'printing in a program that a test runs': runs("process.stdout.write('planted')"),
  }),
  ...accept(bench, { 'a connector in a benchmark': imports('@sqlflow/postgres-connector') }),
  ...accept(bench, { 'printing in a benchmark': runs("console.log('planted')") }),
  ...accept('tools/nx-services/src/executors/planted/executor.ts', {
    'the default export of an executor': 'export default function planted() { return 1; }\n',
  }),
];

const everything: readonly Planted[] = [...refusedImports, ...refusedAmbients, ...refusedHabits, ...accepted];
let complaints: ReadonlyMap<Planted, readonly Complaint[]>;

beforeAll(() => {
  const script = fileURLToPath(new URL('./lint-planted.mjs', import.meta.url));
  const linter = spawnSync(process.execPath, [script], {
    input: JSON.stringify(everything),
    encoding: 'utf8',
    timeout: 110_000,
  });
  if (linter.status !== 0)
    throw new Error(`The linter ended with ${String(linter.status)}: ${linter.stderr}`);
  const results = JSON.parse(linter.stdout) as Complaint[][];
  complaints = new Map(everything.map((planted, index) => [planted, results[index] ?? []]));
}, 120_000);

const refusal = ({ rule, says }: Refused): unknown =>
  expect.objectContaining({ rule, message: expect.stringContaining(says) });

describe('lint refuses to import', () => {
  test.each(refusedImports)('$what', (planted) => {
    expect(complaints.get(planted)).toContainEqual(refusal(planted));
  });
});

describe('lint refuses outside its adapters', () => {
  test.each(refusedAmbients)('$what', (planted) => {
    expect(complaints.get(planted)).toContainEqual(refusal(planted));
  });
});

describe('lint refuses the habit of', () => {
  test.each(refusedHabits)('$what', (planted) => {
    expect(complaints.get(planted)).toContainEqual(refusal(planted));
  });
});

describe('lint accepts', () => {
  test.each(accepted)('$what', (planted) => {
    expect(complaints.get(planted)).toEqual([]);
  });
});
