import { defaultOptions, inferTargets } from './infer-targets.js';

const project = {
  name: 'shop',
  root: 'packages/shop',
  services: ['postgres', 'redis'],
  hasOwnConfig: false,
} as const;

const traits = {
  packages: ['jest', 'typescript', 'prettier'],
  hasProduction: true,
  composeVariables: { redis: ['REDIS_IMAGE', 'REDIS_MEMORY'], 'object-store': ['OBJECT_STORE_IMAGE'] },
};

describe('the targets of a project that declares services', () => {
  const { targets, tags, metadata } = inferTargets(project, defaultOptions, traits);
  const target = targets!['integration']!;

  test('are one that runs its tests in its folder, once services:up has looked', () => {
    expect(Object.keys(targets!)).toEqual(['integration']);
    expect(target.executor).toBe('nx:run-commands');
    expect(target.options).toMatchObject({
      cwd: '{projectRoot}',
      command: 'jest --selectProjects integration --json --outputFile=../../logs/integration-tests/shop.json',
    });
    expect(target.dependsOn).toEqual([{ projects: ['services'], target: 'up' }]);
  });

  test('are cached, with their results, by what decides whether tests run and on which server', () => {
    expect(target.cache).toBe(true);
    expect(target.outputs).toEqual([
      '{workspaceRoot}/logs/integration-tests/shop.json',
      '{workspaceRoot}/logs/integration-tests/shop.services.json',
      '{workspaceRoot}/.nx/workspace-data/skipped/shop',
    ]);
    expect(target.inputs).toContainEqual({ externalDependencies: ['jest', 'typescript'] });
    for (const env of ['CI', 'INTEGRATION_TESTS', 'TEST_TAGS', 'TEST_KEYWORD', 'SERVICES_PROVIDER'])
      expect(target.inputs).toContainEqual({ env });
  });

  test('are cached by what the compose files of their services ask for, and of no other', () => {
    for (const env of ['REDIS_IMAGE', 'REDIS_MEMORY']) expect(target.inputs).toContainEqual({ env });
    expect(target.inputs).not.toContainEqual({ env: 'OBJECT_STORE_IMAGE' });
  });

  test('are cached by the mark of the last run that skipped tests, which they are told where to leave', () => {
    const mark = '.nx/workspace-data/skipped/shop';
    expect(target.options).toMatchObject({ env: { TEST_SKIP_MARK: `../../${mark}` } });
    expect(target.inputs).toContainEqual({ runtime: `cat ${mark} 2>/dev/null || true` });
  });

  test('say what they need, for other targets and for people', () => {
    expect(metadata).toEqual({ services: ['postgres', 'redis'] });
    expect(tags).toEqual(['service:postgres', 'service:redis']);
    expect(target.metadata?.description).toBe('Run the integration tests on postgres, redis.');
  });

  test('write to the same place from a project at the top of the workspace', () => {
    const top = inferTargets({ ...project, root: '.' }, defaultOptions, traits).targets!['integration']!;
    expect(top.options).toMatchObject({
      command: expect.stringContaining('--outputFile=logs/integration-tests/shop.json'),
    });
  });

  test('follow the options of the plugin', () => {
    const options = { targetName: 'it', servicesProject: 'infra', command: 'vitest run' };
    const { targets: others } = inferTargets({ ...project, services: [] }, options, traits);
    expect(others).toMatchObject({ it: { dependsOn: [{ projects: ['infra'], target: 'up' }] } });
    expect(others!['it']!.options).toMatchObject({ command: expect.stringMatching(/^vitest run /) });
    expect(others!['it']!.metadata?.description).toBe('Run the integration tests on services of their own.');
  });
});

test('what the workspace does not have is no input, since Nx refuses to hash it', () => {
  const inputsWith = (packages: readonly string[], hasProduction: boolean): string =>
    JSON.stringify(
      inferTargets(project, defaultOptions, { ...traits, packages, hasProduction }).targets?.['integration']
        ?.inputs,
    );
  expect(inputsWith(['jest'], true)).toMatch(/\^production.*"jest"/);
  expect(inputsWith([], false)).toContain('^default');
  expect(inputsWith([], false)).not.toMatch(/\^production|"jest"/);
});

test('a project with a configuration for these tests alone has them run by it', () => {
  const { targets } = inferTargets({ ...project, hasOwnConfig: true }, defaultOptions, traits);
  expect(targets?.['integration']?.options).toMatchObject({
    command: expect.stringMatching(/^jest --config jest\.integration\.config\.mjs --json /),
  });
});
