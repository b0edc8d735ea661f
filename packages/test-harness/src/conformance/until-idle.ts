import { pause } from '../deadline.js';
import { NonConformance } from './requirement.js';

/** What a server does for a client that has gone is ended in some milliseconds. */
const settleMs = 5_000;
const lookMs = 20;

interface IdleBench {
  readonly fixture: { readonly activity?: () => Promise<readonly string[]> };
  readonly signal: AbortSignal;
}

/** @throws NonConformance if the server goes on with something. */
export async function untilIdle({ fixture, signal }: IdleBench, what: string): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += lookMs) {
    if (fixture.activity === undefined)
      throw new NonConformance('the fixture does not tell what the server does');
    const activity = await fixture.activity();
    if (activity.length === 0) return;
    if (waitedMs >= settleMs)
      throw new NonConformance(`after ${what} the server still does: ${activity.join('; ')}`);
    await pause(lookMs, signal);
  }
}
