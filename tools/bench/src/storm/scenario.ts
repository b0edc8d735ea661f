import type { Scenario } from './simulate.js';

/** What is simulated. A second of a client is that of any other: more clients give smoother lines and the same figures. */
export const scenario: Scenario = {
  seed: 1,
  clients: 1_000,
  callsPerSecond: 1,
  capacity: 1.3,
  maxQueueMs: 5_000,
  outage: { from: 20, until: 80 },
  end: 140,
};
