import { leaseServices, systemClock } from '../../src/index.js';
import { signIn } from './marks.js';
import { describeProviders, hostWith, type ProviderSetting } from './provider-settings.js';
import {
  type LeaseHolder,
  processesOf,
  scanEveryMs,
  type ScratchWorkspace,
  startHolder,
  supervisorPid,
  until,
} from './scratch-workspace.js';
import { seed, seededRatios } from './seeded-moments.js';
import { sharedMemory, untilNoMoreThan } from './shared-memory.js';

/**
 * How often each is killed, and in how many workspaces at once: most of the time is waiting. What goes wrong one time in
 * ten goes wrong among 20.
 */
const plan = {
  local: { kills: 20, lanes: 5 },
  docker: { kills: 5, lanes: 5 },
  external: { kills: 5, lanes: 5 },
};

/** A supervisor whose client was killed before it asked for anything waits 10 s for one, and its containers' ends. */
const endsWithinMs = 30_000;

/** The kernel ends processes at once; what removes containers looks again for 5 s. */
const stopsWithinMs = 30_000;

await describeProviders((open) => {
  let setting: ProviderSetting;
  let strangers: string[];
  const describeStrangers = (): Promise<string[]> =>
    Promise.all(setting.strangers.map((stranger) => stranger.describe()));

  beforeAll(async () => {
    setting = await open();
    strangers = await describeStrangers();
  });
  afterEach(async () => {
    expect(await describeStrangers()).toEqual(strangers); // whatever was killed
  });
  afterAll(() => setting[Symbol.asyncDispose]());

  /** With servers that already run, one is started beside them, so that there is a supervisor to kill. */
  const variables = (): Record<string, string> =>
    setting.isOurs ? setting.variables : without(/^TEST_REDIS_/, setting.variables);
  const hold = ({ root, host }: ScratchWorkspace): LeaseHolder =>
    startHolder(root, setting.services, {
      environment: { ...variables(), TMPDIR: host.temporaryFolder },
    });

  /** Starts and stops the services, as the next run would, and sees that nothing is left. */
  async function nextRun(workspace: ScratchWorkspace): Promise<void> {
    const { services } = setting;
    const options = { workspaceRoot: workspace.root, services, holder: 'next', keepWarmMs: 0 };
    const { temporaryFolder } = workspace.host;
    const lease = await leaseServices(options, { ...hostWith(variables()), temporaryFolder });
    expect(lease.failures).toEqual([]);
    for (const offer of lease.offers) await signIn(offer);
    await lease[Symbol.asyncDispose]();
    await workspace.untilNothingRemains(endsWithinMs);
  }

  /**
   * Calls `kill` at moments from the beginning of a start to half its length after its end. How long that takes is found
   * out first, in each of the workspaces at once, by `whole`. None of them may clear up what another one leaves.
   */
  async function atMoments(
    whole: (workspace: ScratchWorkspace) => Promise<number>,
    kill: (workspace: ScratchWorkspace, momentMs: number) => Promise<void>,
  ): Promise<void> {
    const { kills, lanes } = plan[setting.provider];
    const ratios = seededRatios(kills);
    const runs = Array.from({ length: lanes }, async (_, lane) => {
      await using workspace = setting.workspace({ apart: true });
      const wholeMs = await whole(workspace);
      for (const ratio of ratios.filter((__, index) => index % lanes === lane))
        await kill(workspace, 1.5 * ratio * wholeMs);
      await nextRun(workspace);
    });
    await Promise.allSettled(runs); // one that fails must not leave the others to the next test
    await Promise.all(runs);
  }

  test(`a holder killed at any moment leaves nothing, without another start (seed ${String(seed)})`, async () => {
    await atMoments(
      async (workspace) => {
        const startedAt = systemClock.nowMs();
        const holder = hold(workspace);
        await untilLeased(holder);
        const wholeMs = systemClock.nowMs() - startedAt;
        await holder.finish();
        await workspace.untilNothingRemains(endsWithinMs);
        return wholeMs;
      },
      async (workspace, momentMs) => {
        const holder = hold(workspace);
        await systemClock.sleep(momentMs);
        holder.process.kill('SIGKILL');
        await holder.exited;
        await workspace.untilNothingRemains(endsWithinMs);
      },
    );
  }, 240_000);

  test(`a supervisor killed at any moment takes its servers with it, and the next start clears the rest (seed ${String(seed)})`, async () => {
    const before = sharedMemory();
    let killed = 0;
    await atMoments(
      async (workspace) => {
        const holder = hold(workspace);
        await supervisorOf(workspace);
        const startedAt = systemClock.nowMs();
        await untilLeased(holder);
        const wholeMs = systemClock.nowMs() - startedAt;
        await holder.finish();
        await workspace.untilNothingRemains(endsWithinMs);
        return wholeMs;
      },
      async (workspace, momentMs) => {
        const holder = hold(workspace);
        const supervisor = await supervisorOf(workspace);
        await systemClock.sleep(momentMs);
        process.kill(supervisor, 'SIGKILL');
        killed++;
        holder.process.kill('SIGKILL');
        await holder.exited;
        await untilNothingRuns(workspace); // not even what was just being started
      },
    );
    expect(killed).toBe(plan[setting.provider].kills);
    await untilNoMoreThan(before);
  }, 240_000);

  test('after a supervisor and its holder are killed, the next lease works at once', async () => {
    await using workspace = setting.workspace();
    const holder = hold(workspace);
    await untilLeased(holder);
    process.kill(await supervisorPid(workspace.root), 'SIGKILL');
    holder.process.kill('SIGKILL');
    await nextRun(workspace);
  });

  async function untilNothingRuns(workspace: ScratchWorkspace): Promise<void> {
    await until(
      () => setting.running(workspace).length === 0,
      stopsWithinMs,
      () => `still there: ${setting.running(workspace).join('; ')}`,
      scanEveryMs,
    );
  }
});

async function untilLeased(holder: LeaseHolder): Promise<void> {
  const line = await holder.next();
  if (!line.startsWith('leased ') || !line.includes('"failures":[]')) throw new Error(line);
}

/** The process that supervises a workspace, as soon as there is one. */
async function supervisorOf({ folders }: ScratchWorkspace): Promise<number> {
  const find = (): string | undefined =>
    processesOf(folders).find((line) => line.includes('supervisor/main'));
  let found: string | undefined;
  await until(
    () => (found = find()) !== undefined,
    20_000,
    () => 'no supervisor',
  );
  return Number(/process (\d+)/.exec(found ?? '')?.[1]);
}

function without(name: RegExp, variables: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(variables).filter(([found]) => !name.test(found)));
}
