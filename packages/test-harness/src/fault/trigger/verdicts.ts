import type { Instruction } from '../inspector.js';
import type { Cut, S3Truncate, Stall } from './match.js';
import type { Verdict } from './passage.js';
import type { Due } from './armed-trigger.js';

/** The verdict of an action that knows no protocol. */
export function verdictOn(action: Cut | Stall | S3Truncate, { onDone, onMissed }: Due): Verdict {
  if (action.do === 'truncate') {
    return { passes: { bodyBytes: action.bytes }, after: () => [{ do: 'close' }], onDone, onMissed };
  }
  const end: Instruction = { do: action.do };
  if ('beforeEnd' in action) return { passes: { allButLast: action.beforeEnd }, after: () => [end], onDone };
  return action.at === 'before' ? instead([end], onDone) : { after: () => [end], onDone };
}

/** Does something where the message begins, which does not pass. */
export function instead(before: readonly Instruction[], onDone?: (byte: number) => void): Verdict {
  return { before, passes: 'none', ...(onDone && { onDone }) };
}
