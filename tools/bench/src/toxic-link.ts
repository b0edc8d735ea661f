// nx run bench:toxic-link: what a link without toxics costs, beside a direct connection.
import { runBenchmark } from './frame/benchmark.js';
import { goal } from './frame/goals.js';
import { contendersOf, rowOf, startServer } from './toxic-link/contenders.js';
import type { Use } from './toxic-link/work.js';

const defaultRounds = 10;

using server = await startServer();

await runBenchmark(
  'toxic-link',
  async (compare) => {
    for (const use of ['stream', 'hash', 'echo'] as const) await compare(contendersOf(use, server.port));
  },
  (summaryOf) => {
    const share = (use: Use) => ({
      value: summaryOf(rowOf(use, 'direct')).median / summaryOf(rowOf(use, 'link')).median,
      unit: 'times' as const,
    });
    return [
      goal('throughput of a link, of a direct connection, client counts', share('stream'), { atLeast: 0.8 }),
      goal('throughput of a link, of a direct connection, client hashes', share('hash'), { atLeast: 0.8 }),
    ];
  },
  defaultRounds,
);
