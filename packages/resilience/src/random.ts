/** Gives numbers from 0 up to, but never, 1. */
export type Random = () => number;

export const systemRandom: Random = () => Math.random();
