// Jest loads its global set-up in plain Node, which cannot read TypeScript: this lets it.
import './register.mjs';

/**
 * Leases the services of a project. What its configuration has under `globals.servicesEnvironment` is set before: not by the
 * configuration itself, which Nx loads into its own process, so that all that it starts would have it.
 */
export default async function setUp(...configs) {
  const [, { globals }] = configs;
  Object.assign(process.env, globals.servicesEnvironment);
  const source = await import('../../packages/test-harness/src/jest/global-setup.ts');
  await source.default(...configs);
}
