import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * Where a pid means what it means to us. Two machines on one remote engine may have one name, and so may two containers
 * that share the engine of their machine: the first have another id, the second another pid namespace.
 *
 * @param root - What the files of the system are looked for in.
 */
export function thisMachine(root = '/'): string {
  const parts = [
    hostname(),
    process.platform === 'darwin' ? darwinId() : text(() => readFileSync(`${root}etc/machine-id`, 'utf8')),
    text(() => readlinkSync('/proc/self/ns/pid')),
  ];
  return parts.filter(Boolean).join(' ');
}

function darwinId(): string {
  const args = ['-rd1', '-c', 'IOPlatformExpertDevice'];
  const asked = text(() => execFileSync('/usr/sbin/ioreg', args, { encoding: 'utf8', timeout: 5_000 }));
  return /"IOPlatformUUID" = "([^"]+)"/.exec(asked)?.[1] ?? '';
}

/** Not every system has each of them; the name is left then. */
function text(read: () => string): string {
  try {
    return read().trim();
  } catch {
    return '';
  }
}
