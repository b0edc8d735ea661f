import { existsSync } from 'node:fs';
import { type Host, install, planInstall } from '@sqlflow/service-runtime';
import { findBrowser } from './browser.js';
import { runProgram } from './run-program.js';
import type { RunContext } from './run-context.js';

/** Gets these servers, and in CI a browser. @throws ServiceFailure `INSTALL_FAILED` */
export async function installMissing(
  services: ReadonlySet<string>,
  host: Host,
  context: RunContext,
): Promise<void> {
  await installServers(services, host, context);
  if (context.isContinuousIntegration) await installBrowser(host, context);
}

async function installServers(services: ReadonlySet<string>, host: Host, context: RunContext): Promise<void> {
  const plan = await planInstall(context.workspaceRoot, [...services], host);
  if (plan.missing.length === 0) return;
  context.print(`Installing what ${plan.missing.join(', ')} need …`);
  await install(plan, context.end);
}

/**
 * CI proves in a browser that the report is one. Elsewhere that test is skipped without one, and nobody is made to
 * install it. A failure is only said: the test will fail, and say it again.
 */
async function installBrowser(host: Host, context: RunContext): Promise<void> {
  const apt = host.programFolders.map((folder) => `${folder}/apt-get`).find((file) => existsSync(file));
  if (findBrowser(host.programFolders) !== undefined || apt === undefined) return;
  context.print('Installing Chromium, for the test of the report …');
  const sudo = host.uid === 0 ? [] : ['sudo', '-n'];
  for (const args of [
    ['update', '-q'],
    ['install', '-q', '-y', '--no-install-recommends', 'chromium'],
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
