import type { Sample } from './statistics.js';
import { printed } from './units.js';

/** Something that is measured. Nothing of a run may be left when the next contender's begins. */
export interface Contender {
  /** What it is called while it runs. */
  readonly name: string;
  /** Does the work once. Gives what it measured, by the name of the table's row: one run may measure several things. */
  run(): Promise<Readonly<Record<string, Sample>>>;
}

export interface Rounds {
  readonly rounds: number;
  /** Comes before them and does not count. @defaultValue true */
  readonly warmUp?: boolean;
  /** Called with a line for whoever waits. */
  readonly progress: (line: string) => void;
}

/**
 * Runs the contenders in turn, A B C A B C, so that whatever disturbs the machine disturbs all of them. A first turn
 * warms up and is thrown away.
 *
 * @returns the samples of each row, in the order in which the rows were first seen.
 */
export async function measure(
  contenders: readonly Contender[],
  { rounds, warmUp = true, progress }: Rounds,
): Promise<ReadonlyMap<string, readonly Sample[]>> {
  const samples = new Map<string, Sample[]>();
  for (let round = warmUp ? 0 : 1; round <= rounds; round++) {
    for (const contender of contenders) {
      const timed = Object.entries(await contender.run());
      const figures = timed.map(([, { value, unit }]) => `${printed(value, unit)} ${unit}`).join(', ');
      progress(`${round === 0 ? 'warm-up' : `round ${round}/${rounds}`}  ${contender.name}: ${figures}`);
      if (round === 0) continue;
      for (const [row, sample] of timed) samples.set(row, [...(samples.get(row) ?? []), sample]);
    }
  }
  return samples;
}
