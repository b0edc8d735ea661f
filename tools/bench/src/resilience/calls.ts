import type { Summary } from '../frame/statistics.js';
import type { Contender } from '../frame/measure.js';
import type { Goal } from '../frame/result.js';
import { goal } from '../frame/goals.js';

/** The work that is guarded: the least that a call can be. */
export const work = (): Promise<number> => Promise.resolve(1);

/** One call through whatever guards it. */
export type Guarded = () => Promise<unknown>;

/** The same done by us and by others. */
export interface Compared {
  readonly group: string;
  /** By what is done. A peer's goal is set by the first: the others do more than a peer does. */
  readonly ours: Readonly<Record<string, Guarded>>;
  readonly peers: Readonly<Record<string, Guarded>>;
  /** Who does less, or the floor below which nobody comes. */
  readonly others?: Readonly<Record<string, Guarded>>;
}

const bare = 'the bare call';
export const bareRow = (group: string): string => `${group}: ${bare}`;

export function contendersOf({ group, ours, peers, others }: Compared): Contender[] {
  return Object.entries({ ...ours, ...peers, ...others, [bare]: work }).map(([what, guarded]) =>
    timed(`${group}: ${what}`, guarded),
  );
}

/** One call after the other, for so long, and so many before the clock is looked at. */
const sampleMs = 100;
const batch = 100;

/** The garbage of one contender must not be collected in the time of another. */
function timed(row: string, guarded: Guarded): Contender {
  return {
    name: row,
    run: async () => {
      collectGarbage();
      const begin = performance.now();
      let calls = 0;
      let elapsedMs = 0;
      while (elapsedMs < sampleMs) {
        for (let made = 0; made < batch; made++) await guarded();
        calls += batch;
        elapsedMs = performance.now() - begin;
      }
      return { [row]: { value: (elapsedMs * 1e6) / calls, unit: 'ns' } };
    },
  };
}

export function collectGarbage(): void {
  if (globalThis.gc === undefined) throw new Error('start this with node --expose-gc');
  globalThis.gc();
}

/** At least as fast as the fastest who does the same. None where nobody does. */
export function peerGoals(
  { group, ours, peers }: Compared,
  summaryOf: (row: string) => Summary,
): readonly Goal[] {
  const [first] = Object.keys(ours);
  const medians = Object.keys(peers).map((peer) => summaryOf(`${group}: ${peer}`).median);
  if (first === undefined || medians.length === 0) return [];
  const value = summaryOf(`${group}: ${first}`).median / Math.min(...medians);
  return [goal(`${group}: ${first}, beside the fastest peer`, { value, unit: 'times' }, { atMost: 1 })];
}

/** What a group's first adds to the bare call. */
export function overheadGoal(
  { group, ours }: Compared,
  atMost: number,
  summaryOf: (row: string) => Summary,
): Goal {
  const [first = ''] = Object.keys(ours);
  const value = summaryOf(`${group}: ${first}`).median - summaryOf(bareRow(group)).median;
  return goal(`${group}: ${first}, above the bare call`, { value, unit: 'ns' }, { atMost });
}
