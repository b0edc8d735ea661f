import { dockerFolders, type Host } from '../../host.js';
import { findProgram } from '../../process/find-program.js';
import { runToEnd, type ToolResult } from '../../process/run-to-end.js';
import type { Environment } from '../variables.js';
import { dockerNotAvailable } from './docker-failure.js';

/** Docker's command line, ready to be run. */
export interface DockerCommand {
  readonly file: string;
  /** What it needs of our environment, and nothing else: the engine and the account are chosen there. */
  readonly environment: Readonly<Record<string, string>>;
  readonly host: Host;
}

/** An engine that takes longer for a question is stuck. Starting and pulling have other limits. */
const answerWithinMs = 30_000;

/** They choose the engine, and the account on it. */
export const engineVariables = [
  ...['DOCKER_HOST', 'DOCKER_CONTEXT', 'DOCKER_CONFIG', 'DOCKER_CERT_PATH', 'DOCKER_TLS_VERIFY'],
];

/** Those that are set. To Docker's command line, an empty one is not. */
export function engineVariablesOf(environment: Environment): Record<string, string> {
  return Object.fromEntries(
    engineVariables.flatMap((name) => (environment[name] ? [[name, environment[name]] as const] : [])),
  );
}

/** The host with the engine that `variables` choose, whatever that of this process is. */
export function withEngineOf(variables: Environment, host: Host): Host {
  const others = Object.entries(host.environment).filter(([name]) => !engineVariables.includes(name));
  return { ...host, environment: { ...Object.fromEntries(others), ...engineVariablesOf(variables) } };
}

const passedOn = /^(DOCKER_.*|HOME|XDG_RUNTIME_DIR|XDG_CONFIG_HOME|SSH_AUTH_SOCK|TMPDIR)$/;

/** @throws ServiceFailure `DOCKER_NOT_AVAILABLE` if there is no such program. Whether an engine answers is not asked. */
export function locateDocker(host: Host): DockerCommand {
  const folders = dockerFolders(host);
  const file = findProgram('docker', folders);
  if (file === undefined) {
    throw dockerNotAvailable(
      'Docker is not installed.',
      ["docker is neither on PATH nor in the system's folders for programs."],
      [installHint(host)],
    );
  }
  const environment = Object.entries(host.environment).flatMap(([name, value]) =>
    value !== undefined && passedOn.test(name) ? [[name, value] as const] : [],
  );
  return {
    file,
    // PATH: credential helpers and plug-ins are looked for there.
    environment: { ...Object.fromEntries(environment), PATH: folders.join(':') },
    // The account that servers run under as root may not talk to the engine.
    host: { ...host, serverAccount: undefined },
  };
}

/**
 * Asks the engine something that it answers at once.
 *
 * @throws `signal.reason`; ServiceFailure `DOCKER_NOT_AVAILABLE` if it does not answer in 30 s.
 */
export async function askDocker(
  docker: DockerCommand,
  args: readonly string[],
  signal: AbortSignal,
): Promise<ToolResult> {
  return runWithin(docker, docker.file, args, signal);
}

/** The same for a program beside it, such as `docker-compose`. */
export async function runWithin(
  docker: DockerCommand,
  file: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<ToolResult> {
  const limit = AbortSignal.timeout(answerWithinMs);
  const command = { file, args, environment: docker.environment };
  try {
    return await runToEnd(command, docker.host, AbortSignal.any([signal, limit]));
  } catch (error) {
    if (signal.aborted || !limit.aborted) throw error;
    throw dockerNotAvailable(
      `Docker did not answer in ${answerWithinMs / 1000} s.`,
      [`asked: ${[file, ...args].join(' ')}`],
      ['See whether the engine is stuck: docker info'],
    );
  }
}

export function installHint(host: Host): string {
  return host.platform === 'darwin'
    ? 'Install it: brew install --cask docker, and start it once'
    : 'Install it: sudo apt-get install docker.io docker-compose, or see docs.docker.com/engine/install';
}
