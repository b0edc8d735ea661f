import { spawn } from 'node:child_process';
import type { DockerCommand } from './docker-command.js';
import { projectLabel } from './project.js';

/**
 * A shell that outlives us for as long as it takes to remove our containers. It reads a pipe that only we hold: a line
 * means that there is nothing left to do, the end of the pipe that we are gone, however we went.
 *
 * What the engine was doing for us goes on without us, so a container may come into being after the first look. Five
 * looks in a row, a second apart, must find nothing. An engine that does not answer is asked for a minute; the next
 * start on this machine clears up then.
 */
const script = `
read -r farewell && exit 0
quiet=0 looks=0
while [ $quiet -lt 5 ] && [ $looks -lt 60 ]; do
  looks=$((looks + 1))
  if found=$("$0" ps -aq --filter "label=$1") && [ -z "$found" ]; then
    quiet=$((quiet + 1))
  else
    quiet=0
    [ -n "$found" ] && "$0" rm -f -v $found && continue
  fi
  sleep 1
done
for kind in network volume; do
  found=$("$0" $kind ls -q --filter "label=$1") && [ -n "$found" ] && "$0" $kind rm $found
done
`;

export interface Reaper {
  /** Lets it go: nothing is left that it would have to remove. */
  dismiss(): void;
  /** Has it do its work now. It goes on after this process has ended. */
  release(): void;
}

/** Must be called before anything of the project is made. */
export function startReaper(docker: DockerCommand, project: string): Reaper {
  const label = `${projectLabel}=${project}`;
  const shell = spawn('/bin/sh', ['-c', script, docker.file, label], {
    cwd: '/',
    env: docker.environment,
    detached: true, // a session of its own: neither Ctrl-C nor a closed terminal reaches it
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  shell.once('error', () => undefined); // without it, the next start clears up
  shell.stdin.on('error', () => undefined);
  shell.unref();
  return {
    dismiss: () => {
      shell.stdin.end('farewell\n');
    },
    release: () => {
      shell.stdin.end();
    },
  };
}
