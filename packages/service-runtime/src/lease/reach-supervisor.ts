import type { ChildProcess } from 'node:child_process';
import type { Clock } from '../clock.js';
import { ServiceFailure } from '../failure/service-failure.js';
import type { Host } from '../host.js';
import { lastLines } from '../service/launch-failure.js';
import { supervisorVersion } from '../supervisor/runtime-version.js';
import { exitCodes, spawnSupervisor, supervisorLog } from '../supervisor/spawn-supervisor.js';
import {
  assertOurs,
  controlRoot,
  makeControlFolder,
  type RuntimeFolders,
} from '../workspace/runtime-folders.js';
import { connectToSupervisor, type SupervisorConnection } from './supervisor-connection.js';

/** A new supervisor listens after 0.1 s on a quiet machine; it may have a predecessor's servers to end first. */
const startTimeoutMs = 20_000;
const retryMs = 5;

/** It lost to another starter, or to its predecessor, which is ending right now; or its folder can be made after all. */
const mayTryAgain: readonly (number | null)[] = [exitCodes.busy, exitCodes.ended, exitCodes.noFolder];

/**
 * Reaches the workspace's supervisor, starting it if there is none. A supervisor of another version that nobody uses is
 * replaced.
 *
 * @throws ServiceFailure `SUPERVISOR_OF_ANOTHER_VERSION` if somebody uses it; `SUPERVISOR_NOT_STARTED`,
 * `SUPERVISOR_NOT_RESPONDING`, `FOLDER_NOT_WRITABLE`, `PLATFORM_NOT_SUPPORTED`.
 */
export async function reachSupervisor(
  folders: RuntimeFolders,
  host: Host,
  clock: Clock,
  signal: AbortSignal,
): Promise<SupervisorConnection> {
  assertSupported(host);
  const deadline = clock.nowMs() + startTimeoutMs;
  const version = supervisorVersion(folders.workspace);
  let child: ChildProcess | undefined;
  while (clock.nowMs() < deadline) {
    assertOurs([controlRoot(host), folders.control], host);
    const connection = await connectToSupervisor(folders, clock, signal);
    if (connection?.greeting.version === version) return connection;
    if (connection !== undefined) await replace(connection, folders, signal);
    if (child?.exitCode === exitCodes.noFolder) makeControlFolder(folders, host); // throws what it failed of
    if (child === undefined || mayTryAgain.includes(child.exitCode)) child = spawnSupervisor(folders, host);
    if (child.exitCode !== null || child.signalCode !== null) break;
    await clock.sleep(retryMs, signal);
  }
  throw new ServiceFailure({
    code: 'SUPERVISOR_NOT_STARTED',
    summary: `The supervisor of ${folders.workspace} did not start.`,
    evidence: [`exit code ${String(child?.exitCode)}`, ...lastLines(supervisorLog(folders))],
    next: [`Read its log: ${supervisorLog(folders)}`, 'npx nx run services:doctor'],
  });
}

/** Ends a supervisor of another version, if nobody uses it. */
async function replace(
  connection: SupervisorConnection,
  folders: RuntimeFolders,
  signal: AbortSignal,
): Promise<void> {
  connection.send({ kind: 'stop' });
  const answer = await connection.next(signal);
  await connection.close();
  if (answer?.kind !== 'done' || answer.inUse.length === 0) return; // it is ending, or has ended
  const { version, pid } = connection.greeting;
  throw new ServiceFailure({
    code: 'SUPERVISOR_OF_ANOTHER_VERSION',
    summary: `The services of ${folders.workspace} are run by version ${version} of the runtime; this is ${supervisorVersion(folders.workspace)}.`,
    evidence: [
      `supervisor: process ${String(pid)}`,
      ...answer.inUse.map(
        ({ service, holders, pinned }) =>
          `${service} is used by ${[...holders, ...(pinned ? ['services:up'] : [])].join(', ')}`,
      ),
    ],
    next: ['Let those runs end, or end them: npx nx run services:down --force'],
  });
}

function assertSupported(host: Host): void {
  if (host.platform === 'linux' || host.platform === 'darwin') return;
  throw new ServiceFailure({
    code: 'PLATFORM_NOT_SUPPORTED',
    summary: `Services cannot be started on ${host.platform}; Linux and macOS are supported.`,
    evidence: [],
    next: [
      'On Windows, work inside WSL 2,',
      'or name servers that already run: see the TEST_* variables in the README.',
    ],
  });
}
