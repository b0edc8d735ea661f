// As jest-global-setup.mjs does for the set-up. Jest wants a class, so this waits for it.
import './register.mjs';

const source = await import('../../packages/test-harness/src/jest/test-environment.ts');

export default source.default;
