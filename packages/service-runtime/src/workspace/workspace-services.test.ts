import { rmSync, writeFileSync } from 'node:fs';
import { ServiceFailure, type ServiceFailureReport } from '../failure/service-failure.js';
import { redisService } from '../service/redis/redis-service.js';
import { Scratch } from '../testing/scratch.js';
import {
  composeFile,
  definitionsVersion,
  knownServices,
  loadService,
  loadServices,
} from './workspace-services.js';

const builtIn = ['postgres', 'object-store', 'redis'];
const sound = `export default { standardPort: 11211, probe: () => Promise.resolve('memcached 1.6') };`;

/** A workspace whose services have these definitions. */
function workspace(modules: Readonly<Record<string, string>>): Scratch {
  const scratch = new Scratch();
  for (const [name, text] of Object.entries(modules)) scratch.write(`docker/${name}/service.mjs`, text);
  return scratch;
}

async function failureOf(scratch: Scratch, name: string): Promise<ServiceFailureReport> {
  const error: unknown = await loadService(scratch.folder, name).catch((reason: unknown) => reason);
  if (!(error instanceof ServiceFailure)) throw new Error('it did not fail as it should');
  return error.report;
}

describe('the services of a workspace', () => {
  test('are the built-in ones, then its own by name', () => {
    using scratch = workspace({ queue: sound, memcached: sound, redis: sound });
    expect(knownServices(scratch.folder)).toEqual([...builtIn, 'memcached', 'queue']);
  });

  test('are the built-in ones where it has no folder for services', () => {
    using scratch = new Scratch();
    expect(knownServices(scratch.folder)).toEqual(builtIn);
    expect(definitionsVersion(scratch.folder)).toBe('');
  });

  test('are not made by a folder without a definition, by a file, or by what cannot be a name', () => {
    using scratch = workspace({ 'Not a name': sound, 'a--b': sound });
    scratch.write('docker/only-compose/compose.yml', 'services: {}');
    scratch.write('docker/README.md', '');
    expect(knownServices(scratch.folder)).toEqual(builtIn);
    expect(definitionsVersion(scratch.folder)).toBe('');
  });

  test('have their compose files where everybody can use them', () => {
    expect(composeFile('/w', 'memcached')).toBe('/w/docker/memcached/compose.yml');
  });

  test('are loaded each once, the built-in ones first', async () => {
    using scratch = workspace({ queue: sound, memcached: sound });
    const loaded = await loadServices(scratch.folder, ['queue', 'redis', 'memcached', 'queue', 'postgres']);
    expect(loaded.map(({ name }) => name)).toEqual(['postgres', 'redis', 'memcached', 'queue']);
  });

  test('cannot replace a built-in one', async () => {
    using scratch = workspace({ redis: 'export default {};' });
    expect(await loadService(scratch.folder, 'redis')).toBe(redisService);
  });

  test.each(['mysql', 'constructor'])(
    'do not have one that nobody defines, and say which there are: %s',
    async (name) => {
      using scratch = workspace({ memcached: sound });
      const report = await failureOf(scratch, name);
      expect(report.code).toBe('UNKNOWN_SERVICE');
      expect(report.summary).toBe(`There is no service "${name}".`);
      expect(report.evidence).toEqual(['services: postgres, object-store, redis, memcached']);
      expect(report.next.join()).toContain(`nx g @sqlflow/nx-services:service ${name}`);
    },
  );
});

describe('a definition that cannot be used', () => {
  const probe = `probe: () => Promise.resolve('')`;

  test.each([
    ['is no JavaScript', 'export default {', /Unexpected end|Unexpected token/],
    ['fails when it is loaded', `throw new Error('no such setting')`, /no such setting/],
    ['imports what is not there', `import 'not-there-at-all'; ${sound}`, /not-there-at-all/],
    ['exports nothing', '', /^default export: /],
    ['exports it by name only', sound.replace('default', 'const service ='), /^default export: /],
    ['is no object', 'export default 7;', /^default export: .*object/],
    ['has no port', `export default { ${probe} };`, /^standardPort: .*number/],
    [
      'has a port that is none',
      `export default { standardPort: 65536, ${probe} };`,
      /^standardPort: .*65535/,
    ],
    ['has no probe', 'export default { standardPort: 1 };', /^probe: must be a function: .*Promise<string>/],
    [
      'has a probe that is none',
      `export default { standardPort: 1, probe: 'PING' };`,
      /^probe: must be a function/,
    ],
    [
      'has what there is not',
      `export default { standardPort: 1, ${probe}, image: 'a:1' };`,
      /^default export: .*"image"/,
    ],
    [
      'has no program',
      `export default { standardPort: 1, ${probe}, local: { command() {} } };`,
      /^local\.program: /,
    ],
    [
      'has no command',
      `export default { standardPort: 1, ${probe}, local: { program: 'a' } };`,
      /^local\.command: must be a function/,
    ],
    [
      'names an option where a package should be',
      `export default { standardPort: 1, ${probe}, local: { program: 'a', packages: { debian: ['-o x y'] }, command() {} } };`,
      /^local\.packages\.debian\.0: /,
    ],
  ])('is named, with what is wrong: it %s', async (_, text, evidence) => {
    using scratch = workspace({ broken: text });
    const report = await failureOf(scratch, 'broken');
    expect(report).toMatchObject({ code: 'SERVICE_DEFINITION_INVALID', service: 'broken' });
    expect(report.evidence[0]).toBe(scratch.path('docker/broken/service.mjs'));
    expect(report.evidence.slice(1)).toEqual([expect.stringMatching(evidence)]);
    expect(report.next.join()).toContain('ServiceModule');
  });

  test('has all that is wrong with it named', async () => {
    using scratch = workspace({ broken: `export default { standardPort: 'a', probe: 1, local: {} };` });
    const { evidence } = await failureOf(scratch, 'broken');
    expect(evidence.slice(1).map((line) => line.slice(0, line.indexOf(':')))).toEqual([
      'standardPort',
      'probe',
      'local.program',
      'local.command',
    ]);
  });
});

describe('the version of the definitions', () => {
  test('is the same as long as nothing is edited, and no other workspace’s matter', () => {
    using one = workspace({ memcached: sound });
    using other = workspace({ memcached: sound });
    expect(definitionsVersion(one.folder)).toMatch(/^[0-9a-f]{12}$/);
    expect(definitionsVersion(one.folder)).toBe(definitionsVersion(other.folder));
  });

  test('changes with an edit, with a definition more, and with one less', () => {
    using scratch = workspace({ memcached: sound });
    const versions = [definitionsVersion(scratch.folder)];
    const file = scratch.path('docker/memcached/service.mjs');
    writeFileSync(file, `${sound}\n`);
    versions.push(definitionsVersion(scratch.folder));
    scratch.write('docker/queue/service.mjs', sound);
    versions.push(definitionsVersion(scratch.folder));
    rmSync(file);
    versions.push(definitionsVersion(scratch.folder));
    expect(new Set(versions).size).toBe(4);
  });

  test('takes no notice of a definition that a built-in service would have', () => {
    using one = workspace({ memcached: sound });
    using other = workspace({ memcached: sound, redis: sound });
    expect(definitionsVersion(one.folder)).toBe(definitionsVersion(other.folder));
  });

  test('changes with the name of a service', () => {
    using one = workspace({ memcached: sound });
    using other = workspace({ cache: sound });
    expect(definitionsVersion(one.folder)).not.toBe(definitionsVersion(other.folder));
  });
});
