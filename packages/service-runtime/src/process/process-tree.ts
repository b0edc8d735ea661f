import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

export interface FoundProcess {
  readonly pid: number;
  readonly parent: number;
  /** By SIGSTOP. It does nothing until SIGCONT, or SIGKILL. */
  readonly isStopped: boolean;
}

/** These processes and all that descend from them, parents before their children. Zombies are left out. */
export function processTree(roots: readonly number[]): FoundProcess[] {
  const all = process.platform === 'linux' ? linuxProcesses() : otherProcesses();
  const found = all.filter(({ pid }) => roots.includes(pid));
  // It grows while it is gone through: each one's children are put behind it.
  for (const { pid } of found) found.push(...all.filter(({ parent }) => parent === pid));
  return found;
}

function linuxProcesses(): FoundProcess[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      // The second field is the name in parentheses, which may hold spaces and parentheses itself.
      const [state = '', parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return toFound(Number(name), Number(parent), state);
    } catch {
      return []; // it has just ended
    }
  });
}

function otherProcesses(): FoundProcess[] {
  const rows = execFileSync('ps', ['-axo', 'pid=,ppid=,state='], { encoding: 'utf8', timeout: 5_000 });
  return rows.split('\n').flatMap((row) => {
    const [pid, parent, state = ''] = row.trim().split(/\s+/);
    return toFound(Number(pid), Number(parent), state);
  });
}

function toFound(pid: number, parent: number, state: string): FoundProcess[] {
  return /^[ZX]?$/.test(state) ? [] : [{ pid, parent, isStopped: state.startsWith('T') }];
}
