import { createHash } from 'node:crypto';
import { chownSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { ServiceFailure } from '../../failure/service-failure.js';
import type { Host } from '../../host.js';
import { runToEnd, type ToolCommand, type ToolResult } from '../../process/run-to-end.js';
import type { LaunchContext } from '../running-service.js';
import { buildOnce } from './build-once.js';
import type { PostgresBinaries } from './postgres-binaries.js';

/** Programs that can be run, and a freshly initialised data folder to unpack. Both are shared and never written to. */
export interface PostgresTemplate {
  readonly postgres: string;
  readonly environment: Readonly<Record<string, string>>;
  /** A tar archive of the folder: unpacking 970 files into memory takes 35 ms, copying them 70 (`cp -Rp`, ext4 to tmpfs). */
  readonly data: string;
}

/** The account of the guide. It is no secret: the server listens on loopback only and its data is thrown away. */
export const postgresAccount = { user: 'postgres', password: 'postgres', database: 'postgres' };

/**
 * C.UTF-8 sorts the same everywhere; 1 MiB segments keep the data folder at 28 MB where 16 MiB ones make it 39.
 * The template is thrown away on a crash, so nothing is synced.
 */
const initdbArguments = [
  ...[
    '--username',
    postgresAccount.user,
    '--auth',
    'scram-sha-256',
    '--encoding',
    'UTF8',
    '--locale',
    'C.UTF-8',
  ],
  ...['--no-sync', '--wal-segsize', '1'],
];

/** macOS has no C.UTF-8. */
const withLocaleOf = (host: Host): string[] =>
  initdbArguments.map((argument) => (argument === 'C.UTF-8' && host.platform === 'darwin' ? 'C' : argument));

/** Finds or makes the template: 0.4 s the first time, nothing after. @throws ServiceFailure */
export async function postgresTemplate(
  binaries: PostgresBinaries,
  host: Host,
  signal: AbortSignal,
): Promise<PostgresTemplate> {
  const args = withLocaleOf(host);
  const digest = createHash('sha256')
    .update(JSON.stringify([binaries.origin === 'npm' ? host.architecture : binaries.folder, args]))
    .digest('hex')
    .slice(0, 8);
  const cache = join(host.cacheFolder, `postgres-${binaries.version}-${digest}`);
  const programs = await preparePrograms(binaries, cache, host, signal);
  const data = join(cache, 'data.tar');
  await buildOnce(data, host, async (folder) => {
    const passwordFile = join(folder, 'password');
    writeFileSync(passwordFile, postgresAccount.password, { mode: 0o600 });
    if (host.serverAccount) chownSync(passwordFile, host.serverAccount.uid, host.serverAccount.gid);
    const result = join(folder, 'data');
    const initdb = {
      file: join(programs.folder, 'initdb'),
      args: [...args, '--pwfile', passwordFile, '--pgdata', result],
      environment: programs.environment,
    };
    await runOrFail(initdb, host, signal);
    const archive = join(folder, 'data.tar');
    await runOrFail({ file: 'tar', args: ['-cf', archive, '-C', result, '.'] }, host, signal);
    return archive;
  });
  return { postgres: join(programs.folder, 'postgres'), environment: programs.environment, data };
}

/**
 * Unpacks the template into an empty folder that the server's account owns.
 *
 * @param logFolder - Empty, of that account too: the write-ahead log goes there. Without room for it the server ends
 * itself; without room for data a statement fails.
 */
export async function unpackTemplate(
  template: PostgresTemplate,
  { dataFolder, host, signal }: Pick<LaunchContext, 'dataFolder' | 'host' | 'signal'>,
  logFolder: string | undefined,
): Promise<void> {
  // Blocks of 1 MiB: the default, 10 KiB, is made for tapes.
  const unpack = ['-b', '2048', '-xpf', template.data];
  await runOrFail({ file: 'tar', args: [...unpack, '-C', dataFolder] }, host, signal);
  if (logFolder === undefined) return;
  const move = 'cp -Rp "$0/pg_wal/." "$1" && rm -r "$0/pg_wal" && ln -s "$1" "$0/pg_wal"';
  await runOrFail({ file: '/bin/sh', args: ['-c', move, dataFolder, logFolder] }, host, signal);
}

interface Programs {
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * The npm package leaves its library links to an install script, and may lie below a folder that is closed to the
 * servers' account. So it is put together once in the cache, out of hard links where the file system allows.
 */
async function preparePrograms(
  binaries: PostgresBinaries,
  cache: string,
  host: Host,
  signal: AbortSignal,
): Promise<Programs> {
  if (binaries.origin === 'system') return { folder: binaries.folder, environment: {} };
  const place = join(cache, 'programs');
  await buildOnce(place, host, async (folder) => {
    const result = join(folder, 'programs');
    const asOurselves = { ...host, serverAccount: undefined };
    const linked = await runToEnd(
      { file: '/bin/cp', args: ['-RPl', binaries.folder, result] },
      asOurselves,
      signal,
    );
    if (linked.exitCode !== 0) {
      rmSync(result, { recursive: true, force: true }); // another file system, or a cp that cannot link
      await runOrFail({ file: '/bin/cp', args: ['-RP', binaries.folder, result] }, asOurselves, signal);
    }
    for (const { source, target } of binaries.links) makeLink(result, source, target);
    return result;
  });
  const libraries = host.platform === 'darwin' ? 'DYLD_LIBRARY_PATH' : 'LD_LIBRARY_PATH';
  return { folder: join(place, 'bin'), environment: { [libraries]: join(place, 'lib') } };
}

function makeLink(root: string, source: string, target: string): void {
  const link = join(root, target);
  mkdirSync(dirname(link), { recursive: true });
  rmSync(link, { force: true }); // the install script may have run
  symlinkSync(relative(dirname(link), join(root, source)), link);
}

async function runOrFail(command: ToolCommand, host: Host, signal: AbortSignal): Promise<ToolResult> {
  const result = await runToEnd(command, host, signal);
  if (result.exitCode === 0) return result;
  const program = basename(command.file);
  throw new ServiceFailure({
    code: 'SERVICE_DIED',
    service: 'postgres',
    summary: `${program} failed while PostgreSQL was being prepared.`,
    evidence: [`exit code ${String(result.exitCode)}`, ...result.complaint.trimEnd().split('\n').slice(-8)],
    next: ['npx nx run services:doctor', `Is there space? df -h ${host.cacheFolder}`],
  });
}
