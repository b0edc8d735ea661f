import { spawn, spawnSync } from 'node:child_process';
import { ServiceFailure } from '../failure/service-failure.js';
import { type Host, thisHost } from '../host.js';
import { chooseProviders, isLocatable } from '../lease/choose-provider.js';
import { findProgram } from '../process/find-program.js';
import type { ServiceDefinition } from '../service/service-definition.js';
import type { ServiceName } from '../service/service-name.js';
import { loadServices } from '../workspace/workspace-services.js';

/** What is missing for local services, and the commands that get it. */
export interface InstallPlan {
  readonly missing: readonly ServiceName[];
  /** To be run in this order. Empty if nothing is missing, or if nothing here can install it. */
  readonly commands: readonly (readonly string[])[];
  /** Why we may not run the commands ourselves; absent if we may. */
  readonly obstacle?: string;
}

/**
 * Finds out what is missing. A service that the environment names a server for needs nothing here. Changes nothing.
 *
 * @throws ServiceFailure as `chooseProviders` does.
 */
export async function planInstall(
  workspaceRoot: string,
  services: readonly ServiceName[],
  host: Host = thisHost(),
): Promise<InstallPlan> {
  const definitions = await loadServices(workspaceRoot, services);
  const asked = host.environment['SERVICES_PROVIDER'] || 'auto';
  // Where Docker was asked for, there is nothing to install here; where nothing was, local programs are the better way.
  const choices = asked === 'docker' ? [] : chooseProviders(definitions, workspaceRoot, host);
  const missing = choices
    .filter(({ provider }) => provider !== 'external')
    .map(({ definition }) => definition)
    .filter((definition) => definition.local !== undefined && !isLocatable(definition, host));
  if (missing.length === 0) return { missing: [], commands: [] };
  const apt = findProgram('apt-get', host.programFolders);
  const brew = findProgram('brew', host.programFolders);
  if (apt !== undefined) return planApt(missing, apt, host);
  if (brew !== undefined) return planHomebrew(missing, brew);
  return { missing: namesOf(missing), commands: [], obstacle: 'neither apt-get nor brew is here' };
}

function planApt(definitions: readonly ServiceDefinition[], apt: string, host: Host): InstallPlan {
  const missing = namesOf(definitions);
  const unknown = withoutPackages(definitions, 'debian');
  if (unknown.length > 0)
    return { missing, commands: [], obstacle: `no Debian package is known for ${unknown.join(', ')}` };
  const packages = definitions.flatMap((definition) => definition.packages.debian);
  const sudo = host.uid === 0 ? [] : ['sudo', 'env'];
  const settings = [...sudo, ...(sudo.length === 0 ? ['env'] : []), 'DEBIAN_FRONTEND=noninteractive'];
  const commands = [
    [...settings, apt, 'update', '-q'],
    [...settings, apt, 'install', '-q', '-y', '--no-install-recommends', ...packages],
  ];
  if (host.uid === 0 || maySudo()) return { missing, commands };
  return { missing, commands, obstacle: 'this account may not install packages without a password' };
}

function planHomebrew(definitions: readonly ServiceDefinition[], brew: string): InstallPlan {
  const missing = namesOf(definitions);
  const packages = definitions.flatMap((definition) => definition.packages.homebrew);
  const commands = packages.length === 0 ? [] : [[brew, 'install', ...packages]];
  const unknown = withoutPackages(definitions, 'homebrew');
  if (unknown.length === 0) return { missing, commands };
  const obstacle = `Homebrew has no ${unknown.join(', ')}; use Docker, or name a server that runs`;
  return { missing, commands, obstacle };
}

function namesOf(definitions: readonly ServiceDefinition[]): ServiceName[] {
  return definitions.map(({ name }) => name);
}

function withoutPackages(
  definitions: readonly ServiceDefinition[],
  kind: 'debian' | 'homebrew',
): ServiceName[] {
  return namesOf(definitions.filter(({ packages }) => packages[kind].length === 0));
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
