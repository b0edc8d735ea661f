import type { NxJsonConfiguration, ProjectConfiguration } from '@nx/devkit';
import { inferDependencies } from './infer-dependencies.js';

const graph = (
  projects: Record<string, Partial<ProjectConfiguration>>,
  nxJsonConfiguration: NxJsonConfiguration = {},
): string[] => {
  const packages = ['jest', 'typescript'].map((packageName) => [
    `npm:${packageName}`,
    {
      type: 'npm' as const,
      name: `npm:${packageName}` as const,
      data: { version: '1.0.0', packageName },
    },
  ]);
  const found = inferDependencies({
    projects: Object.fromEntries(
      Object.entries(projects).map(([name, project]) => [name, { root: name, ...project }]),
    ),
    externalNodes: Object.fromEntries(packages) as never,
    nxJsonConfiguration,
  });
  return found.map(({ source, target, type }) => `${source} ${type} ${target}`);
};

test('a project depends on the services that it declares and that have a folder, whatever their project is called', () => {
  expect(
    graph({
      shop: { metadata: { services: ['postgres', 'redis', 'memcached'] } },
      'services/postgres': { root: 'docker/postgres' },
      cache: { root: 'docker/memcached' },
    }),
  ).toEqual(['shop implicit services/postgres', 'shop implicit cache']);
});

test('a project depends on the packages that the inputs of its targets name, each once', () => {
  const inputs = ['default', { externalDependencies: ['jest', 'typescript', 'left-pad'] }];
  expect(graph({ shop: { targets: { test: { inputs }, lint: { inputs } } } })).toEqual([
    'shop implicit npm:jest',
    'shop implicit npm:typescript',
  ]);
});

test('named inputs are followed, a circle of them too, and those of the project come first', () => {
  const namedInputs = {
    default: ['shared', { externalDependencies: ['typescript'] }],
    shared: ['default', { externalDependencies: ['jest'] }],
  };
  const targets = { test: { inputs: ['default'] } };
  expect(
    graph({ shop: { targets }, other: { targets, namedInputs: { default: [] } } }, { namedInputs }),
  ).toEqual(['shop implicit npm:jest', 'shop implicit npm:typescript']);
});

test('what is no list of names is passed over', () => {
  expect(graph({ shop: { metadata: { services: 'redis' } }, other: { metadata: {} }, plain: {} })).toEqual(
    [],
  );
});
