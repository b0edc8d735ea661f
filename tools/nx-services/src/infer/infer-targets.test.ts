import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createNodes } from '../plugin.js';
import { defaultOptions, inferTargets } from './infer-targets.js';

const project = { name: 'shop', root: 'packages/shop', services: ['postgres', 'redis'] } as const;

const traits = { hasJest: true, hasProduction: true };

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
    ]);
    const variables = target.inputs!.flatMap((input) =>
      typeof input === 'object' && 'env' in input ? [input.env] : [],
    );
    expect(variables).toEqual([
      'CI',
      'INTEGRATION_TESTS',
      'SERVICES_PROVIDER',
      'TEST_POSTGRES_HOST',
      'TEST_REDIS_HOST',
    ]);
    expect(target.inputs).toContainEqual({ runtime: 'redis-server --version 2>/dev/null || echo none' });
    expect(JSON.stringify(target.inputs)).not.toContain('radosgw');
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
  const inputsWith = (hasJest: boolean, hasProduction: boolean): string =>
    JSON.stringify(
      inferTargets(project, defaultOptions, { hasJest, hasProduction }).targets?.['integration']?.inputs,
    );
  expect(inputsWith(true, true)).toMatch(/\^production.*"jest"/);
  expect(inputsWith(false, false)).toContain('^default');
  expect(inputsWith(false, false)).not.toMatch(/\^production|"jest"/);
});

describe('the plugin', () => {
  async function infer(manifests: Record<string, unknown>): Promise<Record<string, unknown>> {
    const workspaceRoot = mkdtempSync(join(tmpdir(), 'nx-'));
    try {
      for (const [folder, manifest] of Object.entries(manifests)) {
        mkdirSync(join(workspaceRoot, folder), { recursive: true });
        writeFileSync(join(workspaceRoot, folder, 'package.json'), JSON.stringify(manifest));
      }
      writeFileSync(
        join(workspaceRoot, 'package.json'),
        JSON.stringify({ devDependencies: { jest: '30.0.0' } }),
      );
      const files = Object.keys(manifests).map((folder) => join(folder, 'package.json'));
      const found = await createNodes[1](files, undefined, { workspaceRoot, nxJsonConfiguration: {} });
      return Object.assign({}, ...found.map(([, { projects }]) => projects)) as Record<string, unknown>;
    } finally {
      rmSync(workspaceRoot, { recursive: true });
    }
  }
  const declaring = (services: unknown): unknown => ({ metadata: { services } });

  test('looks at package.json files, and passes over those that declare nothing', async () => {
    expect(createNodes[0]).toBe('**/package.json');
    const found = await infer({
      'packages/a': { name: '@x/a', nx: declaring(['redis']) },
      'packages/b': { name: '@x/b' },
      'packages/c': { name: '@x/c', nx: declaring([]) },
    });
    expect(Object.keys(found)).toEqual(['packages/a', 'packages/c']);
    expect(found['packages/a']).toMatchObject({ metadata: { services: ['redis'] } });
  });

  test('calls a project as Nx does', async () => {
    const named = { ...(declaring([]) as object), name: 'short' };
    const found = await infer({
      'packages/a': { name: '@x/a', nx: named },
      'packages/b': { name: 'b', nx: declaring([]) },
      'packages/c': { nx: declaring([]) },
    });
    const text = JSON.stringify(found);
    for (const name of ['short', 'b', 'c']) expect(text).toContain(`integration-tests/${name}.json`);
  });

  test('names the file in which a service is declared that there is none of', async () => {
    const failing = infer({ 'packages/a': { name: 'a', nx: declaring(['mysql']) } });
    const error: unknown = await failing.catch((reason: unknown) => reason);
    const { errors } = error as { errors: [string, Error][] };
    expect(errors[0]?.[0]).toBe('packages/a/package.json');
    expect(errors[0]?.[1].message).toContain('mysql');
  });
});
