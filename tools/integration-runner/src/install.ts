import { existsSync } from 'node:fs';
import { type Host, install, planInstall } from '@sqlflow/service-runtime';
import { findBrowser } from './browser.js';
import { runProgram } from './run-program.js';
import type { RunContext } from './run-context.js';

/** Gets these servers, these programs that tests start, and in CI a browser. @throws ServiceFailure `INSTALL_FAILED` */
export async function installMissing(
  services: ReadonlySet<string>,
  programs: ReadonlySet<string>,
  host: Host,
  context: RunContext,
): Promise<void> {
  await installServers(services, host, context);
  for (const program of programs) {
    if (!isInstalled(program, host)) await installPackage(program, `${program}, for tests`, host, context);
  }
  if (context.isContinuousIntegration && findBrowser(host.programFolders) === undefined) {
    await installPackage('chromium', 'Chromium, for the test of the report', host, context);
  }
}

function isInstalled(program: string, host: Host): boolean {
  return host.programFolders.some((folder) => existsSync(`${folder}/${program}`));
}

async function installServers(services: ReadonlySet<string>, host: Host, context: RunContext): Promise<void> {
  const plan = await planInstall(context.workspaceRoot, [...services], host);
  if (plan.missing.length === 0) return;
  context.print(`Installing what ${plan.missing.join(', ')} need …`);
  await install(plan, context.end);
}

/**
 * Gets a Debian package, where there are any. A failure is only said. In CI, where no test is skipped, the test that needs
 * it will fail, and say it again.
 */
async function installPackage(name: string, what: string, host: Host, context: RunContext): Promise<void> {
  const apt = host.programFolders.map((folder) => `${folder}/apt-get`).find((file) => existsSync(file));
  if (apt === undefined) return;
  context.print(`Installing ${what} …`);
  const sudo = host.uid === 0 ? [] : ['sudo', '-n'];
  for (const args of [
    ['update', '-q'],
    ['install', '-q', '-y', '--no-install-recommends', name],
  ]) {
    const exitCode = await runProgram(
      {
        command: [...sudo, 'env', 'DEBIAN_FRONTEND=noninteractive', apt, ...args],
        folder: context.workspaceRoot,
        environment: context.environment,
        onOutput: () => undefined,
        end: context.end,
        kill: context.kill,
      },
      context.clock,
    );
    if (exitCode !== 0) context.print(`apt-get ${args.join(' ')} ended with exit code ${String(exitCode)}`);
  }
}
