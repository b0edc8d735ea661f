import { suites } from '../../jest.preset.mjs';

const harness = '<rootDir>/../../packages/test-harness';
const integration = suites.projects.find(({ displayName }) => displayName === 'integration');

/**
 * The tests of test-harness in packages/test-harness/test/integration. They are a project of their own because every
 * connector depends on test-harness: if it used the services itself, a change of one would be a change for all connectors.
 */
export default {
  ...suites,
  projects: [
    { ...JSON.parse(JSON.stringify(integration).replaceAll('<rootDir>', harness)), roots: [harness] },
  ],
};
