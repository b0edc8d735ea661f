// Jest loads its global set-up in plain Node, which cannot read TypeScript: this lets it.
import './register.mjs';

export default async function setUp(...configs) {
  const source = await import('../../packages/test-harness/src/jest/global-setup.ts');
  await source.default(...configs);
}
