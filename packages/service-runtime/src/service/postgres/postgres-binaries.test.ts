import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ServiceFailure } from '../../failure/service-failure.js';
import type { Host } from '../../host.js';
import { Scratch } from '../../testing/scratch.js';
import { locatePostgres } from './postgres-binaries.js';

/** For which nobody publishes an npm package. */
const elsewhere: Partial<Host> = { architecture: 'none' };
/** Debian's folder is looked at in the end, wherever programs are looked for. */
const hasDebianServer = existsSync('/usr/lib/postgresql');

function located(host: Host): unknown {
  try {
    return locatePostgres(host);
  } catch (error) {
    return error instanceof ServiceFailure ? error.code : error;
  }
}

describe('the programs of PostgreSQL', () => {
  test('are those of the npm package where it is installed, with the links that it leaves out', () => {
    using scratch = new Scratch();
    const found = locatePostgres(scratch.host());
    expect(found).toMatchObject({ origin: 'npm', version: expect.stringMatching(/^15\./) });
    expect(existsSync(join(found.folder, 'bin', 'initdb'))).toBe(true);
    expect(found.links.length).toBeGreaterThan(0);
    expect(found.links.filter(({ source }) => !existsSync(join(found.folder, source)))).toEqual([]);
  });

  test('are those of the version that is asked for, and missing where it is not installed', () => {
    using scratch = new Scratch();
    const asking = (version: string): Host =>
      scratch.host({ environment: { SERVICES_POSTGRES_VERSION: version } });
    expect(locatePostgres(asking('18'))).toMatchObject({
      origin: 'npm',
      version: expect.stringMatching(/^18\./),
    });
    expect(located(asking('99'))).toBe('BINARY_MISSING');
    expect(located(asking('next'))).toBe('INVALID_OPTION');
    expect(locatePostgres(asking(''))).toMatchObject({ version: expect.stringMatching(/^15\./) });
  });

  test('are those of the system where there is no such package', () => {
    using scratch = new Scratch();
    scratch.writeProgram('bin/initdb', '');
    scratch.writeProgram('bin/postgres', 'echo "postgres (PostgreSQL) 16.3 (Debian 16.3-1)"');
    expect(locatePostgres(scratch.host(elsewhere))).toEqual({
      origin: 'system',
      folder: scratch.path('bin'),
      version: '16.3',
      links: [],
    });
  });

  test('are missing where there are none, or where only the clients are installed', () => {
    using scratch = new Scratch();
    scratch.writeProgram('bin/psql', '');
    expect(located(scratch.host(elsewhere))).toEqual(
      hasDebianServer ? expect.objectContaining({ origin: 'system' }) : 'BINARY_MISSING',
    );
    scratch.writeProgram('bin/initdb', ''); // and no server beside it
    expect(located(scratch.host(elsewhere))).toBe('BINARY_MISSING');
  });
});
