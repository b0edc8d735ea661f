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
  if (!atFileEnd(endFile)) process.once('beforeExit', () => void closeAll());
}

async function endFile(): Promise<void> {
  try {
    await giveBackAll();
  } finally {
    await closeAll();
  }
}

async function closeAll(): Promise<void> {
  await closePools();
  await closeSessions();
}
