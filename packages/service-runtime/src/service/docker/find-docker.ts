import { dockerFolders, type Host } from '../../host.js';
import { findProgram } from '../../process/find-program.js';
import { askDocker, type DockerCommand, installHint, locateDocker, runWithin } from './docker-command.js';
import { dockerNotAvailable } from './docker-failure.js';
import { engineAddress, type EngineAddress, engineVersion } from './engine.js';

/** The words that begin a compose command: `docker compose`, or `docker-compose`, which may be version 1 or 2. */
export interface ComposeCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly version: string;
}

export interface FoundDocker {
  readonly command: DockerCommand;
  readonly engine: EngineAddress & { readonly version: string };
  /** `undefined` if there is none: a service that is one container runs all the same. */
  readonly compose: ComposeCommand | undefined;
}

/**
 * Looks for an engine that answers, and for compose.
 *
 * @throws ServiceFailure `DOCKER_NOT_AVAILABLE`: no program, no engine, or no right to use it; with how to get it.
 */
export async function findDocker(host: Host, signal: AbortSignal): Promise<FoundDocker> {
  const command = locateDocker(host);
  const [version, address, compose] = await Promise.all([
    engineVersion(command, signal),
    engineAddress(command, signal),
    findCompose(command, signal),
  ]);
  return { command, engine: { ...address, version }, compose };
}

/** The plug-in first: it is the newer one wherever both are installed. */
export async function findCompose(
  docker: DockerCommand,
  signal: AbortSignal,
): Promise<ComposeCommand | undefined> {
  const asPlugin = await askDocker(docker, ['compose', 'version', '--short'], signal);
  // Without the plug-in, some versions of docker print their own help and exit with 0.
  if (asPlugin.exitCode === 0 && isVersion(asPlugin.output)) {
    return { file: docker.file, args: ['compose'], version: asPlugin.output.trim() };
  }
  const file = findProgram('docker-compose', dockerFolders(docker.host));
  if (file === undefined) return undefined;
  const standalone = await runWithin(docker, file, ['version', '--short'], signal);
  if (standalone.exitCode !== 0 || !isVersion(standalone.output)) return undefined;
  return { file, args: [], version: standalone.output.trim() };
}

/** @throws ServiceFailure `DOCKER_NOT_AVAILABLE` */
export async function requireCompose(
  docker: DockerCommand,
  composeFile: string,
  signal: AbortSignal,
): Promise<ComposeCommand> {
  const found = await findCompose(docker, signal);
  if (found !== undefined) return found;
  throw dockerNotAvailable(
    'Docker Compose is not installed.',
    [`${composeFile} says more than one container can be started with, so compose must start it.`],
    [installHint(docker.host)],
  );
}

function isVersion(output: string): boolean {
  return /^v?\d+\.\d+/.test(output.trim());
}
