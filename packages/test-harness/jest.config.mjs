import { suites } from '../../jest.preset.mjs';

/** The integration suite is run by tools/harness-suite, which says why. */
export default { ...suites, projects: suites.projects.filter(({ displayName }) => displayName === 'unit') };
