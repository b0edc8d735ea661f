export { suites as default } from '../../jest.preset.mjs';
