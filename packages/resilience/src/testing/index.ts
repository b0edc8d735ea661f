// For tests of what takes a clock or randomness.
export { seededRandom } from './seeded-random.js';
export { VirtualClock } from './virtual-clock.js';
