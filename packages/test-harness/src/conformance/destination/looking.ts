import { pause } from '../../deadline.js';

/**
 * A reader that is made to wait until a write is over sees nothing of it: a write does not wait for it longer than this. Short of
 * that, a look at a server that is busy with much else may take some hundred milliseconds, and would be missed.
 */
const patienceMs = 1000;

/**
 * Looks again and again while something is done, one look after the other, and once more when it is over.
 *
 * @param work - It can have a look that begins now, for a moment that must be looked at.
 * @throws what a look throws, or else what `work` does.
 */
export async function whileLooking<T>(
  look: () => Promise<void>,
  work: (lookNow: () => Promise<void>) => Promise<T>,
): Promise<T> {
  let isOver = false;
  const looks: Promise<void>[] = [];
  const tracked = (looking: Promise<void>): Promise<void> => {
    looks.push(looking);
    // It is told at the end.
    looking.catch(() => undefined);
    return looking;
  };
  const lookOn = async (): Promise<void> => {
    while (!isOver) await look();
  };
  void tracked(lookOn());
  try {
    return await work(() => Promise.race([tracked(look()), pause(patienceMs)]));
  } finally {
    isOver = true;
    await Promise.all(looks);
    await look();
  }
}
