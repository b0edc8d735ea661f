import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  builtInServices,
  failureBox,
  install,
  planInstall,
  ServiceFailure,
  stopServices,
} from '@sqlflow/service-runtime';
import { parseCommand, usage } from './options.js';
import { renderReport } from './report.js';
import { readResults } from './results.js';

const exitCodes = { passed: 0, otherError: 1, noServices: 2, testsFailed: 3, interrupted: 130 } as const;

const workspaceRoot = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const isContinuousIntegration = !['', '0', 'false'].includes((process.env['CI'] ?? '').toLowerCase());
const resultsFolder = join(workspaceRoot, 'logs/integration-tests');
const interrupted = new AbortController();

/** A suite ends before the next one begins; without this CI would stop and start the services in between. */
const keepBetweenSuitesMs = '10000';

process.exitCode = await main();

async function main(): Promise<number> {
  const command = parseCommand(process.argv.slice(2));
  if (command.kind === 'help') {
    console.log(usage);
    return exitCodes.passed;
  }
  if (command.kind === 'refused') {
    console.error(`${command.why}\n\n${usage}`);
    return exitCodes.otherError;
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      interrupted.abort(new Error(`ended by ${signal}`));
    });
  }
  try {
    return await run();
  } catch (error) {
    if (interrupted.signal.aborted) return exitCodes.interrupted;
    if (!(error instanceof ServiceFailure)) throw error;
    console.error(failureBox(error.report));
    return error.code === 'INSTALL_FAILED' ? exitCodes.noServices : exitCodes.otherError;
  } finally {
    if (isContinuousIntegration) await stopServices({ workspaceRoot });
  }
}

async function run(): Promise<number> {
  const startedAtMs = Date.now();
  await installServers();
  // What a run that crashed did not write must not be told from an older one; Nx brings cached results back.
  rmSync(resultsFolder, { recursive: true, force: true });
  const exitCode = await runSuites();
  if (interrupted.signal.aborted) return exitCodes.interrupted;
  const results = readResults(resultsFolder, startedAtMs);
  const elapsedMs = Date.now() - startedAtMs;
  console.log(
    renderReport({
      results,
      elapsedMs,
      logsFolder: relative(process.cwd(), join(workspaceRoot, 'logs')) || '.',
    }),
  );
  if (exitCode === 0) return exitCodes.passed;
  if (results.some(({ failures }) => failures.length > 0)) return exitCodes.noServices;
  return results.some(({ failed }) => failed > 0) ? exitCodes.testsFailed : exitCodes.otherError;
}

async function installServers(): Promise<void> {
  const plan = await planInstall(workspaceRoot, builtInServices);
  if (plan.missing.length === 0) return;
  console.log(`Installing what ${plan.missing.join(', ')} need …`);
  await install(plan, interrupted.signal);
}

/** Nx decides what has to run and what comes from the cache. The terminal's Ctrl-C reaches it as it reaches us. */
function runSuites(): Promise<number> {
  const nx = join(workspaceRoot, 'node_modules/nx/dist/bin/nx.js');
  const child = spawn(process.execPath, [nx, 'run-many', '-t', 'integration', '--output-style=static'], {
    cwd: workspaceRoot,
    stdio: 'inherit',
    env: {
      ...process.env,
      INTEGRATION_TESTS: 'true',
      ...(isContinuousIntegration && {
        SERVICES_KEEP_WARM_MS: process.env['SERVICES_KEEP_WARM_MS'] ?? keepBetweenSuitesMs,
      }),
    },
  });
  interrupted.signal.addEventListener('abort', () => child.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}
