import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/**
 * Who listens on a port of this machine, in words, for a failure box.
 * Looks in /proc, so that neither `lsof` nor `ss` need be installed; elsewhere it names the command that would tell.
 */
export function portOwner(port: number): string {
  try {
    const inode = listeningInode(port);
    if (inode === undefined) {
      return `nobody listens on port ${String(port)} now: it was given up, or this account may not use it`;
    }
    return processWithSocket(inode) ?? `port ${String(port)} is taken by a process of another account`;
  } catch {
    return `who has it: lsof -nP -iTCP:${String(port)} -sTCP:LISTEN`;
  }
}

function listeningInode(port: number): string | undefined {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const rows = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) =>
    readFileSync(table, 'latin1').split('\n').slice(1),
  );
  // Columns of proc(5): sl, local_address, rem_address, st (0A is LISTEN), tx:rx, tr:when, retrnsmt, uid, timeout, inode
  const row = rows
    .map((line) => line.trim().split(/\s+/))
    .find((columns) => columns[1]?.endsWith(wanted) && columns[3] === '0A');
  return row?.[9];
}

function processWithSocket(inode: string): string | undefined {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const pid = pids.find((candidate) => openFiles(candidate).includes(`socket:[${inode}]`));
  if (pid === undefined) return undefined;
  const name = readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  return `process ${pid} (${name}) listens on it`;
}

function openFiles(pid: string): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((descriptor) => openFile(`/proc/${pid}/fd/${descriptor}`));
  } catch {
    return []; // another account's process, or one that has just ended
  }
}

function openFile(descriptor: string): string {
  try {
    return readlinkSync(descriptor);
  } catch {
    return ''; // closed meanwhile, as the one is by which we read our own list
  }
}
