import { fileURLToPath } from 'node:url';

const { env } = process;
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/**
 * Every package has two suites: `unit` beside the sources and `integration` in test/integration, which runs on the
 * services that the package declares in its package.json. `jest --selectProjects unit` runs one of them.
 */
const shared = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  testEnvironmentOptions: { customExportConditions: ['@sqlflow/source', 'node', 'node-addons'] },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '^.+\\.ts$': ['ts-jest', { useESM: true, tsconfig: '<rootDir>/tsconfig.spec.json' }] },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/out-tsc/'],
};

export const suites = {
  coverageProvider: 'v8',
  coverageDirectory: 'coverage',
  collectCoverageFrom: ['<rootDir>/src/**/*.ts', '!<rootDir>/src/**/*.test.ts'],
  passWithNoTests: true,
  // `./integration` wants to know what happens while it happens.
  reporters: [
    'default',
    ...(env['TEST_EVENTS_FILE'] ? [here('tools/source-loader/jest-event-reporter.mjs')] : []),
  ],
  // A number, a share such as 50%, or what Jest thinks best.
  ...(!['', 'auto', undefined].includes(env['JEST_WORKERS']) && { maxWorkers: env['JEST_WORKERS'] }),
  // Real servers on a busy machine; Jest knows no timeout of one project.
  testTimeout: 60_000,
  projects: [
    { ...shared, displayName: 'unit', testMatch: ['<rootDir>/src/**/*.test.ts'] },
    {
      ...shared,
      displayName: 'integration',
      globalSetup: here('tools/source-loader/jest-global-setup.mjs'),
      globalTeardown: here('tools/source-loader/jest-global-teardown.mjs'),
      testEnvironment: here('tools/source-loader/jest-test-environment.mjs'),
      testMatch: ['<rootDir>/test/integration/**/*.integration.test.ts'],
    },
  ],
};
