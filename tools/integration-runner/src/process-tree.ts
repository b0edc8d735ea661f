import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { identify, isAlive, type ProcessIdentity } from '@sqlflow/service-runtime';

interface Row {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
}

/** `ps` answers in 5 ms; the limit is for a machine in trouble. */
const psTimeoutMs = 5_000;

/**
 * A process and all that it has started, and all that stands in a process group with them: Nx gives every task a group
 * of its own. Once seen, a process stays in the tree though its parent has ended; it is told from a later one of the
 * same id by its start.
 */
export class ProcessTree {
  readonly #seen = new Map<number, ProcessIdentity>();

  constructor(private readonly root: number) {}

  /** Signals all that live. */
  signal(signal: NodeJS.Signals): void {
    for (const { pid } of this.#living()) {
      try {
        process.kill(pid, signal);
      } catch {
        // It has ended in this moment.
      }
    }
  }

  /** Whether any of them lives. */
  get isAlive(): boolean {
    return this.#living().length > 0;
  }

  /** Looks who is there. To be called while the root lives: who is an orphan already cannot be found by its parents. */
  look(): void {
    const rows = allProcesses();
    const members = new Set([this.root, ...this.#living().map(({ pid }) => pid)]);
    const groups = new Set<number>();
    for (let size = 0; size < members.size;) {
      size = members.size;
      for (const { pid, parent, group } of rows) {
        if (members.has(parent) || groups.has(group)) members.add(pid);
        if (members.has(pid) && members.has(group)) groups.add(group); // not the group that we stand in ourselves
      }
    }
    for (const pid of members) {
      const identity = this.#seen.has(pid) ? undefined : identify(pid);
      if (identity !== undefined) this.#seen.set(pid, identity);
    }
  }

  #living(): ProcessIdentity[] {
    return [...this.#seen.values()].filter(isAlive);
  }
}

function allProcesses(): Row[] {
  if (process.platform !== 'linux') return processesByPs();
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      // After the name, which may hold blanks and brackets: state, parent, group.
      const [, parent, group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return [{ pid: Number(name), parent: Number(parent), group: Number(group) }];
    } catch {
      return []; // it has ended in this moment
    }
  });
}

function processesByPs(): Row[] {
  const text = execFileSync('ps', ['-Ao', 'pid=,ppid=,pgid='], { encoding: 'utf8', timeout: psTimeoutMs });
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const [pid = 0, parent = 0, group = 0] = line.trim().split(/\s+/).map(Number);
      return { pid, parent, group };
    });
}
