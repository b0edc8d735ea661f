import { readFileSync } from 'node:fs';
import { ServiceFailure } from '../failure/service-failure.js';
import { portOwner } from '../network/port-owner.js';
import type { OwnedProcess } from '../process/owned-process.js';
import { freeBytes } from '../workspace/runtime-folders.js';
import type { LaunchContext } from './running-service.js';

const logLinesShown = 8;

/** Less than this free after a failure means that the disk was full, whatever the server called it. */
const fullBelowBytes = 1024 * 1024;

/** The command that installs what a service needs. */
export const installCommand = 'npx nx run services:install';

export function missingBinary(service: string, program: string): ServiceFailure {
  return new ServiceFailure({
    code: 'BINARY_MISSING',
    service,
    summary: `${program} is not installed, so ${service} cannot run here.`,
    evidence: [`${program} is neither on PATH nor in the system's folders for programs.`],
    next: [installCommand, `or name a server that already runs: see the TEST_* variables in the README`],
  });
}

/** For a service that only Docker or somebody else can run. */
export function missingLauncher(service: string): ServiceFailure {
  return new ServiceFailure({
    code: 'PROVIDER_NOT_AVAILABLE',
    service,
    summary: `${service} cannot be run as a local process.`,
    evidence: ['Its definition says of no local program.'],
    next: ['Set SERVICES_PROVIDER=docker, or give its service.mjs a `local`.'],
  });
}

export function portTaken(service: string, port: number): ServiceFailure {
  return new ServiceFailure({
    code: 'PORT_TAKEN',
    service,
    summary: `${service} was asked to listen on port ${String(port)}, which is taken.`,
    evidence: [portOwner(port)],
    next: [
      `Ask for another port: --ports.${service}=0 takes any that is free`,
      'or stop what listens there.',
    ],
  });
}

/** What is known of a server that did not come up: it died, or did not answer in time. */
export function launchFailure(
  service: string,
  context: Pick<LaunchContext, 'logFile' | 'signal'>,
  lastError: unknown,
  process: OwnedProcess | undefined,
  endedByItself: boolean,
): ServiceFailure {
  const status = process?.exitStatus();
  const log = lastLines(context.logFile);
  const died = endedByItself && status !== undefined;
  return new ServiceFailure({
    code: died ? 'SERVICE_DIED' : 'SERVICE_NOT_READY',
    service,
    summary: died
      ? `${service} ended while it was starting.`
      : `${service} did not answer in time: ${abortReason(context.signal)}.`,
    evidence: [
      ...(died
        ? [status.signal === null ? `exit code ${String(status.exitCode)}` : `ended by ${status.signal}`]
        : []),
      ...(lastError instanceof Error && !died ? [`last probe: ${lastError.message}`] : []),
      ...log,
    ],
    next: [`Read its whole log: ${context.logFile}`, 'npx nx run services:doctor'],
  });
}

export function diskFull(service: string, folder: string, log: readonly string[]): ServiceFailure {
  return new ServiceFailure({
    code: 'DISK_FULL',
    service,
    summary: `${service} could not be started, because there is no space left in ${folder}.`,
    evidence: [`${String(freeBytes(folder))} bytes are free in ${folder}`, ...log],
    next: [`Free some space: df -h ${folder}`, 'or set TMPDIR to a folder with room.'],
  });
}

/** Whether the file system that holds a folder has no space left. */
export function isFull(folder: string): boolean {
  try {
    return freeBytes(folder) < fullBelowBytes;
  } catch {
    return false;
  }
}

function abortReason(signal: AbortSignal): string {
  return signal.reason instanceof Error ? signal.reason.message : 'it was not wanted any more';
}

/** The end of a log, for evidence. */
export function lastLines(logFile: string): string[] {
  try {
    const text = readFileSync(logFile, 'utf8').trimEnd();
    return text === '' ? [] : text.split('\n').slice(-logLinesShown);
  } catch {
    return [];
  }
}
