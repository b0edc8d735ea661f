/** Printed on failure, so that the same moments can be tried again: SEED=… */
export const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

/** Mulberry32: numbers from 0 to 1, 1 excluded, that look random and can be had again. */
export function seededRatios(count: number): number[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  });
}
