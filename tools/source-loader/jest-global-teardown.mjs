import './register.mjs';

export default async function tearDown() {
  const source = await import('../../packages/test-harness/src/jest/global-teardown.ts');
  await source.default();
}
