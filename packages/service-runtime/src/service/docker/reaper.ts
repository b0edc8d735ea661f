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
 *
 * A question that is not answered in time is given up by a second shell that kills the command: macOS has no `timeout`.
 * Its output goes nowhere, or whoever reads the answer would wait for it.
 */
const script = `
read -r farewell && exit 0
label=$1 answer=$2
ask() {
  "$0" "$@" & asked=$!
  { sleep "$answer" & nap=$!; trap 'kill $nap; exit' TERM; wait $nap; kill -9 $asked; } >/dev/null 2>&1 & guard=$!
  wait $asked
  code=$?
  kill $guard
  return $code
}
quiet=0 until=$(($(date +%s) + $3))
while [ $quiet -lt 5 ] && [ $(date +%s) -lt $until ]; do
  if found=$(ask ps -aq --filter "label=$label") && [ -z "$found" ]; then
    quiet=$((quiet + 1))
  else
    quiet=0
    [ -n "$found" ] && ask rm -f -v $found && continue
  fi
  sleep 1
done
for kind in network volume; do
  found=$(ask $kind ls -q --filter "label=$label") && [ -n "$found" ] && ask $kind rm $found
done
`;

/** Removing a container takes 0.2 s, and ten times that on a machine that is busy. */
const limits = { answerSeconds: 30, engineSeconds: 60 };

export interface Reaper {
  /** Lets it go: nothing is left that it would have to remove. */
  dismiss(): void;
  /** Has it do its work now. It goes on after this process has ended. */
  release(): void;
}

/** Must be called before anything of the project is made. */
export function startReaper(
  docker: Pick<DockerCommand, 'file' | 'environment'>,
  project: string,
  { answerSeconds, engineSeconds } = limits,
): Reaper {
  const label = `${projectLabel}=${project}`;
  const patience = [String(answerSeconds), String(engineSeconds)];
  const shell = spawn('/bin/sh', ['-c', script, docker.file, label, ...patience], {
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
