import { fileURLToPath } from 'node:url';

const built = (file) => fileURLToPath(new URL(`./dist/jest/${file}`, import.meta.url));

/**
 * Jest's `preset: '@sqlflow/test-harness'`: leases the services that the project's package.json declares under
 * `nx.metadata.services` before the tests, and gives them back after. Its environment, that of Node, tells leases and links how a test
 * ended.
 */
export default {
  globalSetup: built('global-setup.js'),
  globalTeardown: built('global-teardown.js'),
  testEnvironment: built('test-environment.js'),
};
