import { spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { askDocker, type DockerCommand } from './docker-command.js';
import { imageNotAvailable, imageNotBuilt } from './docker-failure.js';
import { requireCompose } from './find-docker.js';
import { PullProgress } from './pull-progress.js';

export async function isImagePresent(
  docker: DockerCommand,
  image: string,
  signal: AbortSignal,
): Promise<boolean> {
  const asked = ['image', 'inspect', '--format', '{{.Id}}', image];
  return (await askDocker(docker, asked, signal)).exitCode === 0;
}

/**
 * Pulls an image, and says how far it is. It takes as long as it takes: `signal` ends it, and the engine keeps no part
 * of the image then.
 *
 * @throws ServiceFailure `IMAGE_NOT_AVAILABLE`; `signal.reason`
 */
export async function pullImage(
  docker: DockerCommand,
  service: string,
  image: string,
  say: (message: string) => void,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  say(`pulling ${image}`);
  const progress = new PullProgress();
  const { exitCode, complaint } = await follow(
    docker,
    { file: docker.file, args: ['pull', image] },
    signal,
    (line) => {
      const news = progress.read(line);
      if (news !== undefined) say(`pulling ${image}, ${news}`);
    },
  );
  if (exitCode !== 0) throw imageNotAvailable(service, image, complaint);
}

/**
 * Builds what the document builds from Dockerfiles, and says how far it is. Layers that are there are not built again.
 *
 * @param document - As compose takes it, with an image's name for each service that is built.
 * @throws ServiceFailure `IMAGE_NOT_AVAILABLE`, `DOCKER_NOT_AVAILABLE`; `signal.reason`
 */
export async function buildImages(
  docker: DockerCommand,
  { service, file, document }: { readonly service: string; readonly file: string; readonly document: string },
  say: (message: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const compose = await requireCompose(docker, file, signal);
  say('building its image');
  const args = [...compose.args, '--project-directory', dirname(file), '--file', '-', 'build'];
  // Version 1 takes the folder that it stands in for the project's, if the document comes by standard input.
  const command = { file: compose.file, args, input: document, folder: dirname(file) };
  const { exitCode, complaint } = await follow(docker, command, signal, (line) => {
    const [, step, steps] = buildStep.exec(line) ?? [];
    if (step !== undefined && steps !== undefined) say(`building its image, step ${step} of ${steps}`);
  });
  if (exitCode !== 0) throw imageNotBuilt(service, file, complaint);
}

/** `Step 2/5 : RUN …`, and BuildKit's `#7 [stage 2/5] RUN …`. */
const buildStep = /^(?:Step |#\d+ \[(?:\S+ +)?)(\d+)\/(\d+)/;

interface FollowedCommand {
  readonly file: string;
  readonly args: readonly string[];
  /** Written to its standard input. */
  readonly input?: string;
  readonly folder?: string;
}

/** Runs a command that may take minutes, and hands on what it prints, line by line. */
async function follow(
  docker: DockerCommand,
  command: FollowedCommand,
  signal: AbortSignal,
  onLine: (line: string) => void,
): Promise<{ exitCode: number | null; complaint: string }> {
  const { setpriv } = docker.host;
  // A pull that nobody waits for any more takes the bandwidth of one that somebody does.
  const leash = setpriv === undefined ? [] : [setpriv, '--pdeathsig', 'KILL', '--'];
  const [file = '', ...args] = [...leash, command.file, ...command.args];
  const child = spawn(file, args, {
    cwd: command.folder ?? '/',
    env: docker.environment,
    stdio: 'pipe',
    signal,
    killSignal: 'SIGKILL', // the engine ends what nobody listens to
  });
  child.stdin.on('error', () => undefined); // it did not read all of it; its exit code tells
  child.stdin.end(command.input ?? '');
  const exited = new Promise<number | null>((resolve) => {
    child.once('close', resolve);
    child.once('error', () => {
      resolve(null);
    });
  });
  const complaints: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    complaints.push(line);
    onLine(line);
  });
  for await (const line of createInterface({ input: child.stdout })) onLine(line);
  const exitCode = await exited;
  signal.throwIfAborted();
  return { exitCode, complaint: complaints.join('\n') };
}
