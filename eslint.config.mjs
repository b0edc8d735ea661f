import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';
import { houseRules, trackedGlobals } from './tools/lint-rules/src/house-rules.mjs';

/**
 * The only files that may ask the machine for the time, a random number, its environment or its terminal. Everything else
 * is handed what it needs. An adapter's own test (`clock.test.ts` beside `clock.ts`) may too.
 */
const adapters = {
  clock: [
    'packages/resilience/src/clock.ts',
    'packages/service-runtime/src/clock.ts',
    'packages/test-harness/src/clock.ts',
    'packages/test-harness/src/events.ts',
  ],
  timers: [
    'packages/resilience/src/clock.ts',
    'packages/service-runtime/src/clock.ts',
    'packages/test-harness/src/clock.ts',
    'packages/test-harness/src/deadline.ts',
  ],
  random: ['packages/resilience/src/random.ts'],
  environment: [
    'packages/service-runtime/src/host.ts',
    'packages/service-runtime/src/supervisor/main.ts',
    'packages/test-harness/src/endpoints.ts',
    'packages/test-harness/src/events.ts',
    'packages/test-harness/src/jest/global-setup.ts',
    'packages/test-harness/src/skip-mark.ts',
    'tools/nx-services/src/executors/up/hasher.ts',
    'tools/source-loader/jest-global-setup.mjs',
    'jest.preset.mjs',
  ],
  output: [
    'packages/service-runtime/src/supervisor/main.ts',
    'packages/service-runtime/test/integration/docker-scratch.ts',
    'packages/test-harness/src/conformance/own-process-task.ts',
    'packages/test-harness/src/fault/print-replay.ts',
    'packages/test-harness/src/jest/global-setup.ts',
    'packages/test-harness/src/notice.ts',
    'tools/nx-services/src/output.ts',
    'tools/nx-services/test/integration/docker-cached.integration.test.ts',
  ],
};
/** What Nx, Jest or ESLint loads by its default export. */
const loadedByDefaultExport = [
  '**/*.config.mjs',
  'tools/nx-services/src/executors/*/{executor,hasher}.ts',
  'tools/nx-services/src/generators/*/generator.ts',
  'packages/test-harness/src/jest/*.ts',
  'packages/test-harness/jest-preset.mjs',
  'tools/source-loader/jest-*.mjs',
];
/** Programs that a person or a test runs: they print and read their environment, and nothing imports them. */
const programs = [
  'tools/bench/**',
  'tools/github-report/src/main.ts',
  'tools/integration-runner/src/main.ts',
  'tools/lint-rules/src/lint-planted.mjs',
  '**/test/integration/child/**',
  '**/test/soak/**',
  'packages/postgres-connector/test/{conformance/main,leased-postgres}.ts',
];

/** Who may import whom, by the `layer:` tag in each package.json. A layer that is not named here is imported by nobody. */
const mayImport = {
  contract: ['contract'],
  resilience: ['resilience', 'contract'],
  connector: ['contract', 'resilience'],
  runtime: ['runtime'],
  harness: ['runtime', 'contract'],
  tool: ['runtime', 'harness', 'resilience'],
  bench: ['runtime', 'harness', 'resilience', 'connector', 'contract'],
};
/** A connector is proved on real services by its tests, and a soak leases them by itself; what it ships knows nothing of them. */
const mayImportInTests = { ...mayImport, connector: [...mayImport.connector, 'harness', 'runtime'] };

const integrationTests = ['**/test/**'];
const tests = ['**/*.test.ts', ...integrationTests];

const refusedSyntax = [
  {
    selector: 'TSEnumDeclaration',
    message: 'Use a union of string literals: an enum is code that types cannot erase.',
  },
  { selector: 'ExportAllDeclaration', message: 'Name what is exported: `export *` publishes internals.' },
];
const refusedDefaultExport = {
  selector: 'ExportDefaultDeclaration',
  message: 'Export by name: a default export has another name in each importer.',
};
const suites = '/^(test|it|describe|describeIntegration)$/';
const refusedInTests = [
  {
    selector: `MemberExpression[property.name='only'][object.name=${suites}]`,
    message: 'This would run alone, and the other tests not at all.',
  },
  {
    selector: `MemberExpression[property.name=/^(skip|todo|failing)$/][object.name=${suites}]`,
    message: 'A test that does not run proves nothing: mend it or remove it.',
  },
  {
    selector: 'CallExpression[callee.name=/^(fit|fdescribe|xit|xtest|xdescribe)$/]',
    message: 'Run the whole suite: no test alone, none left out.',
  },
];

export default tseslint.config(
  { ignores: ['**/dist/', '**/out-tsc/', '**/coverage/', '.nx/', 'logs/'] },
  {
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    languageOptions: { globals: trackedGlobals },
    plugins: { house: houseRules, '@nx': nx },
  },

  // What every file obeys.
  {
    files: ['**/*.ts', '**/*.mjs'],
    rules: {
      'house/clock': 'error',
      'house/timers': 'error',
      'house/random': 'error',
      'house/environment': 'error',
      'house/output': 'error',
      'house/disable-reason': ['error', 'never'],
      'house/file-name': 'error',
      'house/pure-layer': 'error',
      '@nx/enforce-module-boundaries': boundaries({ allowed: mayImport }),
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'max-lines': ['error', 400],
      'no-restricted-syntax': ['error', ...refusedSyntax, refusedDefaultExport],
    },
  },
  { files: ['**/*.mjs'], languageOptions: { parserOptions: { projectService: false } } },

  // TypeScript, with its types.
  { files: ['**/*.ts'], extends: [tseslint.configs.strictTypeChecked] },
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      // What `signal.reason` holds is thrown as it is, and its type is `any`.
      '@typescript-eslint/only-throw-error': [
        'error',
        { allowThrowingAny: true, allowThrowingUnknown: true },
      ],
      '@typescript-eslint/prefer-promise-reject-errors': [
        'error',
        { allowThrowingAny: true, allowThrowingUnknown: true },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
    },
  },

  // Tests.
  {
    files: tests,
    rules: {
      'house/disable-reason': ['error', 'one-line'],
      'house/pure-layer': 'off',
      'max-lines': ['error', 500],
      'no-restricted-syntax': ['error', ...refusedSyntax, refusedDefaultExport, ...refusedInTests],
      '@nx/enforce-module-boundaries': boundaries({ allowed: mayImportInTests, ownName: true }),
    },
  },
  {
    files: ['**/*.test.ts', '**/test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      // A matcher such as expect.any(String) is `any` by design, and a stub may be async for its interface alone.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/require-await': 'off',
      // A test that replaces a method keeps the old one to put it back.
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  // Real processes live in real time, and inherit an environment.
  { files: integrationTests, rules: { 'house/clock': 'off', 'house/environment': 'off' } },

  // The exceptions listed at the top.
  { files: loadedByDefaultExport, rules: { 'no-restricted-syntax': ['error', ...refusedSyntax] } },
  ...Object.entries(adapters).map(([rule, files]) => ({
    files: files.flatMap((file) => [file, file.replace(/\.ts$/, '.test.ts')]),
    rules: { [`house/${rule}`]: 'off' },
  })),
  {
    files: programs,
    rules: Object.fromEntries(Object.keys(adapters).map((rule) => [`house/${rule}`, 'off'])),
  },
);

/**
 * @param {object} options
 * @param {Record<string, string[]>} options.allowed
 * @param {boolean} [options.ownName] Whether a package may be imported by its own name, as a test of its exports does
 */
function boundaries({ allowed, ownName = false }) {
  const withTag = (layer) => `layer:${layer}`;
  return [
    'error',
    {
      banTransitiveDependencies: true,
      allowCircularSelfDependency: ownName,
      allow: ['../../jest.preset.mjs'],
      // A benchmark loads late what must not be in the memory of the others; there is no bundle that this would spoil.
      checkDynamicDependenciesExceptions: ['@sqlflow/*'],
      depConstraints: Object.entries(allowed).map(([layer, others]) => ({
        sourceTag: withTag(layer),
        onlyDependOnLibsWithTags: others.map(withTag),
      })),
    },
  ];
}
