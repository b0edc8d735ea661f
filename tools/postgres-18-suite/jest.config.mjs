import { suites } from '../../jest.preset.mjs';

const connector = '<rootDir>/../../packages/postgres-connector';
const integration = suites.projects.find(({ displayName }) => displayName === 'integration');

/** The tests of postgres-connector in packages/postgres-connector/test/integration, on the newest PostgreSQL. */
export default {
  ...suites,
  projects: [
    {
      ...JSON.parse(JSON.stringify(integration).replaceAll('<rootDir>', connector)),
      roots: [connector],
      // Its programs are in package.json of the workspace, under another name than those that all else runs on.
      globals: { servicesEnvironment: { SERVICES_POSTGRES_VERSION: '18', POSTGRES_IMAGE: 'postgres:18' } },
    },
  ],
};
