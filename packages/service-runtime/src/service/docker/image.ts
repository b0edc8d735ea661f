import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { askDocker, type DockerCommand } from './docker-command.js';
import { imageNotAvailable } from './docker-failure.js';
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
  const { setpriv } = docker.host;
  const pull = [docker.file, 'pull', image] as const;
  // A pull that nobody waits for any more takes the bandwidth of one that somebody does.
  const [file, ...args] =
    setpriv === undefined ? pull : ([setpriv, '--pdeathsig', 'KILL', '--', ...pull] as const);
  const child = spawn(file, args, {
    cwd: '/',
    env: docker.environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
    killSignal: 'SIGKILL', // the engine ends a pull that nobody listens to
  });
  const exited = new Promise<number | null>((resolve) => {
    child.once('close', resolve);
    child.once('error', () => {
      resolve(null);
    });
  });
  const complaint = text(child.stderr);
  const progress = new PullProgress();
  for await (const line of createInterface({ input: child.stdout })) {
    const news = progress.read(line);
    if (news !== undefined) say(`pulling ${image}, ${news}`);
  }
  const exitCode = await exited;
  signal.throwIfAborted();
  if (exitCode !== 0) throw imageNotAvailable(service, image, await complaint);
}
