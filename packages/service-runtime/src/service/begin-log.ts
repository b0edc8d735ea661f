import { renameSync, writeFileSync } from 'node:fs';

/**
 * Begins a log anew, as another file under the same name. Whoever reads the last one can tell, and reads it to its end:
 * a file that is emptied and grows again looks to them as if it had gone on.
 */
export function beginLog(logFile: string): void {
  const draft = `${logFile}.new`;
  writeFileSync(draft, ''); // made while the last one is there, so that it cannot get that one's inode
  renameSync(draft, logFile);
}
