import { spawn, spawnSync } from 'node:child_process';
import { ServiceFailure } from '../failure/service-failure.js';
import { type Host, thisHost } from '../host.js';
import { chooseProviders, localOnly } from '../lease/choose-provider.js';
import { findProgram } from '../process/find-program.js';
import { launchers } from '../service/launchers.js';
import type { ServiceName } from '../service/service-name.js';

/** What is missing for local services, and the commands that get it. */
export interface InstallPlan {
  readonly missing: readonly ServiceName[];
  /** To be run in this order. Empty if nothing is missing, or if nothing here can install it. */
  readonly commands: readonly (readonly string[])[];
  /** Why we may not run the commands ourselves; absent if we may. */
  readonly obstacle?: string;
}

const debianPackages: Readonly<Record<ServiceName, readonly string[]>> = {
  postgres: ['postgresql'], // only where the npm package has no programs for the platform
  'object-store': ['radosgw', 'ceph-mon', 'ceph-osd', 'python3-rados'],
  redis: ['redis-server'],
};

/** Homebrew has no Ceph: on macOS the object store has to be one that already runs. */
const homebrewPackages: Readonly<Record<ServiceName, readonly string[]>> = {
  postgres: ['postgresql@15'],
  'object-store': [],
  redis: ['redis'],
};

/**
 * Finds out what is missing. A service that the environment names a server for needs nothing here. Changes nothing.
 *
 * @throws ServiceFailure as `chooseProviders` does.
 */
export function planInstall(services: readonly ServiceName[], host: Host = thisHost()): InstallPlan {
  const local = localOnly(chooseProviders(services, host.environment));
  const missing = launchers.filter(
    (launcher) => local.includes(launcher.service) && !isThere(launcher, host),
  );
  const names = missing.map(({ service }) => service);
  if (names.length === 0) return { missing: [], commands: [] };
  const apt = findProgram('apt-get', host.programFolders);
  const brew = findProgram('brew', host.programFolders);
  if (apt !== undefined) return planApt(names, apt, host);
  if (brew !== undefined) return planHomebrew(names, brew);
  return { missing: names, commands: [], obstacle: 'neither apt-get nor brew is here' };
}

function planApt(missing: readonly ServiceName[], apt: string, host: Host): InstallPlan {
  const packages = missing.flatMap((service) => debianPackages[service]);
  const sudo = host.uid === 0 ? [] : ['sudo', 'env'];
  const settings = [...sudo, ...(sudo.length === 0 ? ['env'] : []), 'DEBIAN_FRONTEND=noninteractive'];
  const commands = [
    [...settings, apt, 'update', '-q'],
    [...settings, apt, 'install', '-q', '-y', '--no-install-recommends', ...packages],
  ];
  if (host.uid === 0 || maySudo()) return { missing, commands };
  return { missing, commands, obstacle: 'this account may not install packages without a password' };
}

function planHomebrew(missing: readonly ServiceName[], brew: string): InstallPlan {
  const packages = missing.flatMap((service) => homebrewPackages[service]);
  const commands = packages.length === 0 ? [] : [[brew, 'install', ...packages]];
  if (!missing.includes('object-store')) return { missing, commands };
  return {
    missing,
    commands,
    obstacle: 'Homebrew has no object store; name one that runs with TEST_MINIO_ENDPOINT',
  };
}

/**
 * Runs the plan's commands, with their output where ours goes.
 *
 * @throws ServiceFailure `INSTALL_FAILED`, with the commands to type; what was installed stays.
 */
export async function install(plan: InstallPlan, signal: AbortSignal): Promise<void> {
  if (plan.missing.length === 0) return;
  if (plan.obstacle !== undefined || plan.commands.length === 0) {
    throw installFailure(plan, plan.obstacle ?? 'nothing here can install it');
  }
  for (const command of plan.commands) {
    const exitCode = await runVisibly(command, signal);
    if (exitCode !== 0)
      throw installFailure(plan, `${command.join(' ')} ended with exit code ${String(exitCode)}`);
  }
}

function installFailure(plan: InstallPlan, evidence: string): ServiceFailure {
  return new ServiceFailure({
    code: 'INSTALL_FAILED',
    summary: `What ${plan.missing.join(', ')} need${plan.missing.length === 1 ? 's' : ''} could not be installed.`,
    evidence: [evidence],
    next: [
      ...plan.commands.map((command) => command.filter((word) => word !== 'env').join(' ')),
      'or name servers that already run: see the TEST_* variables in the README',
    ],
  });
}

function isThere(launcher: (typeof launchers)[number], host: Host): boolean {
  try {
    launcher.locate(host);
    return true;
  } catch (error) {
    if (error instanceof ServiceFailure) return false;
    throw error;
  }
}

function maySudo(): boolean {
  return spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore', timeout: 5_000 }).status === 0;
}

function runVisibly([file = '', ...args]: readonly string[], signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: ['ignore', 'inherit', 'inherit'], signal });
    child.once('error', reject);
    child.once('exit', (code) => {
      resolve(code ?? 1);
    });
  });
}
