import { spawn } from 'node:child_process';

/**
 * Reads a pipe that only we hold: process ids, a line each, then a farewell. Where the pipe ends without one we are gone,
 * however we went. A number cannot have gone to another process by then: one that is stopped does not end by itself,
 * and one that is killed stays a zombie, since its parent is stopped too.
 */
const script = `
pids=
while read -r line; do
  [ "$line" = farewell ] && exit 0
  pids="$pids $line"
done
[ -n "$pids" ] && kill -KILL $pids
`;

/** A shell that kills stopped processes should we die: whatever signal the kernel sends them then, they do not take it. */
export interface FrozenReaper {
  /** Must be called before the process is stopped. */
  add(pid: number): void;
  /** Lets it go: nothing is stopped any more. */
  dismiss(): void;
}

export function startFrozenReaper(): FrozenReaper {
  const shell = spawn('/bin/sh', ['-c', script], {
    cwd: '/',
    detached: true, // a session of its own: neither Ctrl-C nor a closed terminal reaches it
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  shell.once('error', () => undefined); // without it, the next start clears up
  shell.stdin.on('error', () => undefined);
  shell.unref();
  return {
    add: (pid) => {
      shell.stdin.write(`${String(pid)}\n`);
    },
    dismiss: () => {
      shell.stdin.end('farewell\n');
    },
  };
}
