import { messageOf } from '../harness-error.js';
import { atFileEnd } from '../test-end.js';
import { giveBackAll } from './lease-end.js';
import { closeSessions } from './postgres-sessions.js';
import { closePools } from './warm-databases.js';

let isArranged = false;

/**
 * Sees to it, once, that nothing stays behind of this module: at the end of the test file, where the Jest environment
 * tells of it, or else when the process has nothing more to do. Where neither happens, sessions and pools end by being
 * idle, and what a process leaves is swept by the next.
 */
export function arrangeTheEnd(): void {
  if (isArranged) return;
  isArranged = true;
  if (!atFileEnd(endLeases)) process.once('beforeExit', () => void closeQuietly());
}

/**
 * Gives back every lease that was not given back, and drops what was made ahead of need. The preset's Jest environment does so
 * at the end of each file; another runner can, in a hook after all tests.
 *
 * @throws what the first of them that failed throws, HarnessError `leaked` included, when all have been tried.
 */
export async function endLeases(): Promise<void> {
  try {
    await giveBackAll();
  } finally {
    await closePools();
    await closeSessions();
  }
}

/** Leases that are open are left to the next process: whoever forgot them may have wanted so. */
async function closeQuietly(): Promise<void> {
  try {
    await closePools();
    await closeSessions();
  } catch (error) {
    const warning = `what was ready for tests could not be dropped: ${messageOf(error)}`;
    process.emitWarning(warning, { code: 'SQLFLOW_SWEEP' });
  }
}
