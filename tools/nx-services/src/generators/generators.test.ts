import { jest } from '@jest/globals';
import { addProjectConfiguration, logger, readJson, type Tree, writeJson } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import init from './init/generator.js';
import integration from './integration/generator.js';
import service from './service/generator.js';

const workspace = (): Tree => createTreeWithEmptyWorkspace();
const text = (tree: Tree, path: string): string => tree.read(path, 'utf8') ?? 'it is not there';
const filesOf = (tree: Tree): Record<string, string> =>
  Object.fromEntries(tree.listChanges().map(({ path }) => [path, text(tree, path)]));

beforeEach(() => {
  jest.spyOn(logger, 'info').mockReturnValue(undefined);
  jest.spyOn(logger, 'warn').mockReturnValue(undefined);
});

describe('init', () => {
  test('adds the plugin, the project services and a compose file for each service', () => {
    const tree = workspace();
    init(tree, {});
    expect(readJson(tree, 'nx.json')).toMatchObject({ plugins: ['@sqlflow/nx-services/plugin'] });
    expect(readJson(tree, 'docker/project.json')).toMatchObject({
      name: 'services',
      targets: { up: { executor: '@sqlflow/nx-services:up', cache: true, outputs: [] } },
    });
    for (const name of ['postgres', 'object-store', 'redis'])
      expect(text(tree, `docker/${name}/compose.yml`)).toContain('services:');
    expect(text(tree, '.gitignore')).toContain('/logs/');
    expect(readJson(tree, 'package.json')).toMatchObject({
      devDependencies: { '@sqlflow/test-harness': expect.stringMatching(/^\d/), jest: expect.any(String) },
    });
  });

  test('changes nothing the second time, and nothing that was there before', () => {
    const tree = workspace();
    tree.write('docker/redis/compose.yml', 'services: {}\n');
    tree.write('.gitignore', 'logs');
    writeJson(tree, 'package.json', { devDependencies: { jest: '29.0.0' } });
    init(tree, {});
    expect(text(tree, 'docker/redis/compose.yml')).toBe('services: {}\n');
    expect(text(tree, '.gitignore')).toBe('logs');
    expect(readJson(tree, 'package.json')).toMatchObject({ devDependencies: { jest: '29.0.0' } });
    const before = filesOf(tree);
    init(tree, {});
    expect(filesOf(tree)).toEqual(before);
  });

  test('leaves package.json alone when asked to', () => {
    const tree = workspace();
    const before = text(tree, 'package.json');
    init(tree, { skipPackageJson: true });
    expect(text(tree, 'package.json')).toBe(before);
  });

  test('makes no second project of the name services', () => {
    const tree = workspace();
    addProjectConfiguration(tree, 'services', { root: 'infrastructure' });
    init(tree, {});
    expect(tree.exists('docker/project.json')).toBe(false);
  });
});

describe('service', () => {
  test('makes a compose file and a definition to be filled in', () => {
    const tree = workspace();
    service(tree, { name: 'event-store', port: 2113, image: 'events:24.10.1' });
    const compose = text(tree, 'docker/event-store/compose.yml');
    expect(compose).toContain('image: ${EVENT_STORE_IMAGE:-events:24.10.1}');
    expect(compose).toContain("'127.0.0.1:${EVENT_STORE_PORT:-2113}:2113'");
    const definition = text(tree, 'docker/event-store/service.mjs');
    expect(definition).toContain('standardPort: 2113');
    expect(definition).toContain("program: 'event-store'");
    expect(definition).toContain('TEST_EVENT_STORE_HOST');
    expect(definition).not.toContain('<%');
  });

  test('asks in the compose file for an image that was not given', () => {
    const tree = workspace();
    service(tree, { name: 'memcached', port: 11_211 });
    expect(text(tree, 'docker/memcached/compose.yml')).toContain('${MEMCACHED_IMAGE:?');
  });

  test('never overwrites', () => {
    const tree = workspace();
    tree.write('docker/memcached/service.mjs', 'mine');
    service(tree, { name: 'memcached', port: 11_211 });
    expect(text(tree, 'docker/memcached/service.mjs')).toBe('mine');
  });

  test.each([
    ['Memcached', 'lower-case words'],
    ['../etc', 'lower-case words'],
    ['redis', 'built in'],
  ])('refuses the name %s, and makes nothing', (name, why) => {
    const tree = workspace();
    expect(() => {
      service(tree, { name, port: 1 });
    }).toThrow(why);
    expect(tree.exists('docker')).toBe(false);
  });
});

describe('integration', () => {
  const withShop = (): Tree => {
    const tree = workspace();
    writeJson(tree, 'packages/shop/package.json', {
      name: 'shop',
      nx: { metadata: { services: ['redis'] } },
    });
    addProjectConfiguration(tree, 'shop', { root: 'packages/shop' });
    return tree;
  };

  test('declares the services beside those that were declared, and adds a suite with a test for each', () => {
    const tree = withShop();
    integration(tree, { project: 'shop', services: ['postgres,object-store'] });
    expect(readJson(tree, 'packages/shop/package.json')).toMatchObject({
      nx: { metadata: { services: ['postgres', 'object-store', 'redis'] } },
    });
    expect(text(tree, 'packages/shop/jest.integration.config.mjs')).toContain("'@sqlflow/test-harness'");
    const first = text(tree, 'packages/shop/test/integration/first.integration.test.mjs');
    expect(first).toContain('leaseDatabase()');
    expect(first).toContain('leaseBucket()');
    expect(first).not.toContain('leaseKeyspace');
  });

  test('refuses a service that there is none of, and changes nothing', () => {
    const tree = withShop();
    expect(() => {
      integration(tree, { project: 'shop', services: ['mysql'] });
    }).toThrow('mysql');
    expect(readJson(tree, 'packages/shop/package.json')).toMatchObject({
      nx: { metadata: { services: ['redis'] } },
    });
  });

  test('says what is missing of a project without a package.json', () => {
    const tree = workspace();
    addProjectConfiguration(tree, 'bare', { root: 'packages/bare' });
    expect(() => {
      integration(tree, { project: 'bare' });
    }).toThrow('packages/bare/package.json');
  });
});
