// nx run bench:services: how long it takes to start, join and stop real services, beside what the servers themselves take.
import { builtInServices } from '@sqlflow/service-runtime';
import { runBenchmark } from './frame/benchmark.js';
import { goal } from './frame/goals.js';
import { allThreeContenders, allThreeRows } from './services/all-three.js';
import { dockerContenders, dockerRows } from './services/docker.js';
import { joinContender, joinRows, stopContender, stopRow } from './services/join-and-stop.js';
import { whileLeased } from './services/lease-here.js';
import { postgresContenders, postgresRows } from './services/postgres.js';
import { redisContenders, redisRows } from './services/redis.js';
import { scratchWorkspace } from './services/scratch-folder.js';

const defaultRounds = 10;

/** Medians in milliseconds, on a quiet machine. */
const goals = [
  { row: postgresRows.started, atMost: 100 },
  { row: redisRows.started, atMost: 30 },
  { row: allThreeRows.cold, atMost: 1500 },
  { row: joinRows.first, atMost: 20 },
  { row: stopRow, atMost: 300 },
];
const dockerGoals = [{ row: dockerRows.docker, atMost: 1500 }];

using workspace = scratchWorkspace();
const docker = dockerContenders(workspace.path);

await runBenchmark(
  'services',
  async (compare) => {
    const postgres = await postgresContenders(workspace.path);
    const redis = await redisContenders(workspace.path);
    await compare(postgres);
    await compare(redis);
    await compare(allThreeContenders(workspace.path));
    if (docker.length > 0) await compare(docker);
    await compare([stopContender(workspace.path)]);
    await whileLeased(workspace.path, builtInServices, () => compare([joinContender(workspace.path)]));
  },
  (summaryOf) =>
    [...goals, ...(docker.length > 0 ? dockerGoals : [])].map(({ row, atMost }) =>
      goal(row, { value: summaryOf(row).median, unit: 'ms' }, { atMost }),
    ),
  defaultRounds,
);
