import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import {
  type BuiltInService,
  endpointsOf,
  type Host,
  leaseServices,
  pinServices,
  type ProviderName,
  type ServiceFailureCode,
  type ServiceOffer,
  servicesStatus,
  thisHost,
  toVariables,
} from '../../src/index.js';
import { composeFiles, describeDocker, docker, madeFor, processesFor } from './docker-scratch.js';
import { findMark, leaveMark, stillAnswers } from './marks.js';
import {
  plainEnvironment,
  processesOf,
  scanEveryMs,
  scratchWorkspace,
  type ScratchWorkspace,
  until,
} from './scratch-workspace.js';
import { containerByHand, redisByHand, type Stranger } from './strangers.js';

export const allServices = ['postgres', 'object-store', 'redis'] as const;

/** One provider, ready to have services from: what a suite that runs on all of them must know of it. */
export interface ProviderSetting extends AsyncDisposable {
  readonly provider: ProviderName;
  /** Whether we start what it offers, and so end it. */
  readonly isOurs: boolean;
  /** What most tests lease: containers take long, and to a container its service makes no difference. */
  readonly services: readonly BuiltInService[];
  /** The variables by which all services come from here. */
  readonly variables: Readonly<Record<string, string>>;
  /** The same, but Redis cannot be had; and what is said of it then. */
  readonly withoutRedis: {
    readonly variables: Readonly<Record<string, string>>;
    readonly code: ServiceFailureCode;
    readonly next: RegExp;
  };
  workspace(options?: { readonly apart?: boolean }): ScratchWorkspace;
  /** What runs for a workspace. In words. */
  running(workspace: ScratchWorkspace): string[];
  /** Ends its servers as a crash does, and resolves when that has been noticed. */
  crash(workspace: ScratchWorkspace): Promise<void>;
  /** Does what the owner of the servers has to do after a crash. */
  restore(): Promise<void>;
  /** Those who must not be touched. */
  readonly strangers: readonly Stranger[];
}

/** Registers the same tests for each provider. */
export async function describeProviders(body: (open: () => Promise<ProviderSetting>) => void): Promise<void> {
  describe('local processes', () => {
    body(openLocal);
  });
  await describeDocker('containers', () => {
    body(openDocker);
  });
  describe('servers that already run', () => {
    body(openExternal);
  });
}

async function openLocal(): Promise<ProviderSetting> {
  const variables = { SERVICES_PROVIDER: 'local' };
  return withStrangers([await redisByHand()], {
    provider: 'local',
    isOurs: true,
    services: allServices,
    variables,
    withoutRedis: {
      variables: { ...variables, SERVICES_PATH: '/nowhere' }, // the programs of PostgreSQL come from npm
      code: 'BINARY_MISSING',
      next: /services:install/,
    },
    workspace: scratchWorkspace,
    running: (workspace) => processesOf(workspace.folders),
    crash: (workspace) => crashProcesses(workspace),
    restore: () => Promise.resolve(),
  });
}

async function openDocker(): Promise<ProviderSetting> {
  const variables = { SERVICES_PROVIDER: 'docker' };
  return withStrangers([await containerByHand(), await redisByHand()], {
    provider: 'docker',
    isOurs: true,
    services: ['postgres', 'redis'],
    variables,
    withoutRedis: {
      variables: { ...variables, REDIS_IMAGE: 'localhost:1/none:1' },
      code: 'IMAGE_NOT_AVAILABLE',
      next: /docker pull localhost:1\/none:1/,
    },
    workspace: dockerWorkspace,
    running: runningInDocker,
    crash: async ({ root, folders: { key } }) => {
      const containers = docker('ps', '-q', '--filter', `name=${key}`);
      docker('kill', ...containers);
      await untilNoneRuns(root);
    },
    restore: () => Promise.resolve(),
  });
}

/** The servers are those of another workspace, which somebody has made and filled. */
async function openExternal(): Promise<ProviderSetting> {
  const owner = scratchWorkspace();
  const asked = { workspaceRoot: owner.root, services: allServices, provider: 'local' };
  // Not the standard ports: when these servers are killed, another workspace's would be there in the next moment.
  const anyPorts = Object.fromEntries(allServices.map((service) => [service, 0]));
  const { offers, failures } = await pinServices({ ...asked, ports: anyPorts }, hostWith({}));
  expect(failures).toEqual([]);
  const kept = `kept-${String(process.pid)}`;
  await leaveMark(offers, kept);
  const endpoints = endpointsOf(offers);
  const servers: Stranger = {
    describe: async () => {
      const status = await servicesStatus({ workspaceRoot: owner.root });
      return `${(await findMark(offers, kept)).join()}; ${JSON.stringify(status?.services)}`;
    },
    [Symbol.asyncDispose]: () => owner[Symbol.asyncDispose](),
  };
  const variables = toVariables(endpoints);
  return withStrangers([servers], {
    provider: 'external',
    isOurs: false,
    services: allServices,
    variables,
    withoutRedis: {
      variables: { ...variables, ...toVariables({ redis: { host: '127.0.0.1', port: 1 } }) },
      code: 'EXTERNAL_NOT_REACHABLE',
      next: /TEST_REDIS_HOST/,
    },
    workspace: scratchWorkspace,
    running: (workspace) => processesOf(workspace.folders),
    crash: async (workspace) => {
      await crashProcesses(owner);
      const options = { workspaceRoot: workspace.root, services: allServices, holder: 'test' };
      const { failures: noticed } = await leaseServices(options, hostWith(variables));
      expect(noticed.map(({ code }) => code)).toEqual(allServices.map(() => 'EXTERNAL_NOT_REACHABLE'));
    },
    restore: async () => {
      const ports = Object.fromEntries(offers.map(({ service, endpoint }) => [service, endpoint.port]));
      const again = await pinServices({ ...asked, ports }, hostWith({}));
      expect(again.failures).toEqual([]);
    },
  });
}

function withStrangers(
  strangers: readonly Stranger[],
  setting: Omit<ProviderSetting, 'strangers' | typeof Symbol.asyncDispose>,
): ProviderSetting {
  return {
    ...setting,
    strangers,
    [Symbol.asyncDispose]: async () => {
      for (const stranger of strangers) await stranger[Symbol.asyncDispose]();
    },
  };
}

async function crashProcesses(workspace: ScratchWorkspace): Promise<void> {
  const servers = processesOf(workspace.folders).filter((line) =>
    /bin\/postgres -D|radosgw|redis-server/.test(line),
  );
  expect(servers).toHaveLength(allServices.length);
  for (const server of servers) process.kill(Number(/process (\d+)/.exec(server)?.[1]), 'SIGKILL');
  await untilNoneRuns(workspace.root);
}

/** Waits until the supervisor knows that its servers have ended. */
async function untilNoneRuns(workspaceRoot: string): Promise<void> {
  const phases = async (): Promise<string[]> => {
    const status = await servicesStatus({ workspaceRoot });
    return (status?.services ?? []).map(({ service, phase }) => `${service} ${phase}`);
  };
  await until(
    async () => (await phases()).every((line) => line.endsWith(' stopped')),
    10_000,
    () => 'it was not noticed that a server has ended',
  );
}

/** A workspace with the compose files of this repository. */
function dockerWorkspace(options?: { readonly apart?: boolean }): ScratchWorkspace {
  const workspace = scratchWorkspace(options);
  symlinkSync(composeFiles, join(workspace.root, 'docker'));
  // Docker is asked last: it takes 0.1 s.
  const remains = (): string[] => {
    const here = workspace.remains();
    return here.length > 0 ? here : runningInDocker(workspace);
  };
  return {
    ...workspace,
    remains,
    untilNothingRemains: (withinMs = 30_000) =>
      until(
        () => remains().length === 0,
        withinMs,
        () => `still there: ${remains().join('; ')}`,
        scanEveryMs,
      ),
  };
}

function runningInDocker({ folders }: ScratchWorkspace): string[] {
  const processes = [
    ...processesOf(folders),
    ...processesFor(folders.key).map(({ pid, command }) => `process ${pid} ${command}`),
  ];
  return processes.length > 0 ? processes : madeFor(folders.key);
}

/** This machine, with these variables and none other that says of services where they are or come from. */
export function hostWith(variables: Readonly<Record<string, string>>): Host {
  return { ...thisHost(), environment: { ...plainEnvironment(), ...variables } };
}

/** After the last holder, what is ours is gone, and what is not goes on. The port may be another workspace's by then. */
export async function afterTheLast(
  { isOurs }: ProviderSetting,
  workspace: ScratchWorkspace,
  offers: readonly ServiceOffer[],
): Promise<void> {
  await workspace.untilNothingRemains();
  if (isOurs) return;
  for (const offer of offers) expect(await stillAnswers(offer)).toBe(offer.version);
}
