import { messageOf } from '../harness-error.js';
import { closeSessions } from '../lease/postgres-sessions.js';
import { dropLeft, type LeftWarm, leftWarmKey } from '../lease/warm-databases.js';

const here = globalThis as { [leftWarmKey]?: LeftWarm };

/**
 * What the test files of this process leave to each other. A worker that has no more files has nothing more to do, and
 * drops it then; Jest gives it 500 ms for that, and the tear-down of the run sweeps what was too slow.
 */
export function leftWarmHere(): LeftWarm {
  const found = here[leftWarmKey];
  if (found !== undefined) return found;
  const left: LeftWarm = new Map();
  here[leftWarmKey] = left;
  process.once('beforeExit', () => void dropLeftWarm());
  return left;
}

/** Drops it. Does nothing if there is none. What cannot be dropped is a process warning, and is swept by the next process. */
export async function dropLeftWarm(): Promise<void> {
  try {
    const left = here[leftWarmKey];
    if (left !== undefined) await dropLeft(left);
    await closeSessions();
  } catch (error) {
    const warning = `databases that were ready for tests could not be dropped: ${messageOf(error)}`;
    process.emitWarning(warning, { code: 'SQLFLOW_SWEEP' });
  }
}
