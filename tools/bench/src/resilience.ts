// nx run bench:resilience: what a policy adds to a call that succeeds, and what a limiter keeps, beside its peers.
import { runBenchmark } from './frame/benchmark.js';
import { goal } from './frame/goals.js';
import { contendersOf, overheadGoal, peerGoals } from './resilience/calls.js';
import { fiveComposed, threeComposed } from './resilience/composed.js';
import { limiterGroups } from './resilience/limiters.js';
import { memoryContenders, rememberedRow } from './resilience/memory.js';
import { policyGroups, timeoutGroups } from './resilience/policies.js';

const defaultRounds = 10;
const groups = [...policyGroups, ...limiterGroups, threeComposed, fiveComposed];

await runBenchmark(
  'resilience',
  async (compare) => {
    for (const group of groups) await compare(contendersOf(group));
    await compare(memoryContenders);
  },
  (summaryOf) => [
    overheadGoal(threeComposed, 500, summaryOf),
    ...timeoutGroups.slice(0, 1).map((group) => overheadGoal(group, 1_000, summaryOf)),
    ...groups.flatMap((group) => peerGoals(group, summaryOf)),
    goal(rememberedRow, { value: summaryOf(rememberedRow).median, unit: 'keys' }, { atMost: 1 }),
  ],
  defaultRounds,
);
process.exit(0); // bottleneck, opossum and rate-limiter-flexible keep timers
