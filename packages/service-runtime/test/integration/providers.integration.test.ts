import {
  endpointsOf,
  failureBox,
  fromVariables,
  type LeaseOptions,
  leaseServices,
  pinServices,
  type ServiceLease,
  type ServiceOffer,
  servicesStatus,
  type ServiceStatus,
  stopServices,
  toVariables,
} from '../../src/index.js';
import { findMark, leaveMark, signIn, stillAnswers } from './marks.js';
import {
  afterTheLast,
  allServices,
  describeProviders,
  hostWith,
  type ProviderSetting,
} from './provider-settings.js';
import {
  type LeaseHolder,
  scratchWorkspace,
  type ScratchWorkspace,
  startHolder,
} from './scratch-workspace.js';
import { sharedMemory, untilNoMoreThan } from './shared-memory.js';

/** Every statement below is true of each provider, whether it starts the servers or finds them. */
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
    expect(await describeStrangers()).toEqual(strangers); // whatever a test did
  });
  afterAll(() => setting[Symbol.asyncDispose]());

  const lease = (
    workspace: ScratchWorkspace,
    services: readonly string[],
    {
      variables = setting.variables,
      ...options
    }: Partial<LeaseOptions> & { variables?: Record<string, string> } = {},
  ): Promise<ServiceLease> =>
    leaseServices(
      { workspaceRoot: workspace.root, services, holder: 'test', keepWarmMs: 0, ...options },
      hostWith(variables),
    );
  const hold = (workspace: ScratchWorkspace, services: readonly string[]): LeaseHolder =>
    startHolder(workspace.root, services, { environment: setting.variables });

  test('each service is offered with its provider and version, and signs in the account that it names, no other', async () => {
    await using workspace = setting.workspace();
    const { provider } = setting;
    await using had = await lease(workspace, allServices);
    expect(had.failures).toEqual([]);
    expect(had.offers).toMatchObject(allServices.map((service) => ({ service, provider })));
    for (const offer of had.offers) {
      expect(offer.endpoint.host).toBe('127.0.0.1');
      expect(offer.version).toMatch(/^(PostgreSQL \d+|Redis \d+|S3)/);
      expect(await stillAnswers(offer)).toBe(offer.version);
      await signIn(offer);
    }
  });

  test('another process joins the same servers, who ends first takes nothing from it, and the last takes what is ours', async () => {
    await using workspace = setting.workspace();
    const { services } = setting;
    const first = await lease(workspace, services);
    await leaveMark(first.offers, 'of-the-first');
    const second = hold(workspace, services);
    const joined = await offersOf(second);
    expect(endpointsOf(joined)).toEqual(endpointsOf(first.offers));
    expect(joined.map(({ startedInMs }) => startedInMs)).toEqual(services.map(() => undefined));
    await first[Symbol.asyncDispose]();
    expect(await findMark(joined, 'of-the-first')).toEqual(services);
    await second.finish();
    await afterTheLast(setting, workspace, first.offers);
  });

  test('servers of ours are kept warm for as long as was asked after their last lease, and stop then', async () => {
    await using workspace = setting.workspace();
    const first = await lease(workspace, ['redis'], { keepWarmMs: 60_000 });
    await first[Symbol.asyncDispose]();
    const second = await lease(workspace, ['redis'], { keepWarmMs: 200 });
    expect(endpointsOf(second.offers)).toEqual(endpointsOf(first.offers));
    expect(second.offers[0]?.startedInMs).toBeUndefined(); // it was still there
    await second[Symbol.asyncDispose]();
    await afterTheLast(setting, workspace, second.offers);
  });

  test('what is pinned outlives every lease until it is told to stop', async () => {
    await using workspace = setting.workspace();
    const { isOurs, provider, variables } = setting;
    const asked = { workspaceRoot: workspace.root, services: ['redis'], ports: { redis: 0 } };
    const pinned = await pinServices(asked, hostWith(variables));
    expect(pinned.failures).toEqual([]);
    const joined = await lease(workspace, ['redis']);
    await joined[Symbol.asyncDispose]();
    expect(endpointsOf(joined.offers)).toEqual(endpointsOf(pinned.offers));
    const running = { service: 'redis', provider, phase: 'running', pinned: true, holders: [] };
    expect(await statusOf(workspace)).toMatchObject(isOurs ? [running] : []);
    const outcome = await stopServices({ workspaceRoot: workspace.root });
    expect(outcome).toEqual(isOurs ? { kind: 'done', stopped: ['redis'], inUse: [] } : undefined);
    await afterTheLast(setting, workspace, pinned.offers);
  });

  test('down leaves running what somebody uses, and --force stops it if it is ours', async () => {
    await using workspace = setting.workspace();
    const { isOurs } = setting;
    const holder = hold(workspace, ['redis']);
    const offers = await offersOf(holder);
    const gently = await stopServices({ workspaceRoot: workspace.root });
    expect(gently?.stopped).toEqual(isOurs ? [] : undefined);
    expect(gently?.inUse ?? []).toMatchObject(isOurs ? [{ service: 'redis', phase: 'running' }] : []);
    await stillAnswers(offers[0]);
    const forced = await stopServices({ workspaceRoot: workspace.root, force: true });
    expect(forced).toEqual(isOurs ? { kind: 'done', stopped: ['redis'], inUse: [] } : undefined);
    await holder.finish();
    await afterTheLast(setting, workspace, offers);
  });

  test('two workspaces at once share nothing that is ours, and neither takes anything from the other', async () => {
    await using one = setting.workspace();
    await using other = setting.workspace();
    const [mine, theirs] = await Promise.all([
      lease(one, ['postgres', 'redis']),
      lease(other, ['postgres', 'redis']),
    ]);
    expect([...mine.failures, ...theirs.failures]).toEqual([]);
    const ports = [mine, theirs].flatMap(({ offers }) => offers.map(({ endpoint }) => endpoint.port));
    expect(new Set(ports).size).toBe(setting.isOurs ? 4 : 2);
    await leaveMark(theirs.offers, 'of-the-other');
    await mine[Symbol.asyncDispose]();
    await afterTheLast(setting, one, setting.isOurs ? mine.offers : []);
    expect(await findMark(theirs.offers, 'of-the-other')).toEqual(['postgres', 'redis']);
    await theirs[Symbol.asyncDispose]();
    await afterTheLast(setting, other, theirs.offers);
  });

  test('servers that die while they are held are noticed, and the next holder gets some that work', async () => {
    await using own = await open(); // the servers that others hold must live
    await using workspace = own.workspace();
    const segments = sharedMemory();
    const { services, variables } = own;
    const first = await lease(workspace, services, { variables });
    await own.crash(workspace);
    await own.restore();
    const second = await lease(workspace, services, { variables });
    expect(second.failures).toEqual([]);
    expect(second.offers.map(({ startedInMs }) => startedInMs !== undefined)).toEqual(
      services.map(() => own.isOurs),
    );
    for (const offer of second.offers) await signIn(offer);
    await first[Symbol.asyncDispose]();
    for (const offer of second.offers) await stillAnswers(offer);
    await second[Symbol.asyncDispose]();
    await afterTheLast(own, workspace, second.offers);
    await untilNoMoreThan(segments);
  });

  test('a service that cannot be had is named with what to do, and the others are had', async () => {
    await using workspace = setting.workspace();
    const { variables, code, next } = setting.withoutRedis;
    const had = await lease(workspace, ['postgres', 'redis'], { variables });
    expect(had.offers.map(({ service }) => service)).toEqual(['postgres']);
    expect(had.failures).toMatchObject([{ service: 'redis', code }]);
    for (const failure of had.failures) expect(failureBox(failure)).toMatch(next);
    for (const offer of had.offers) await signIn(offer);
    await had[Symbol.asyncDispose]();
    await afterTheLast(setting, workspace, had.offers);
  });

  test('the variables that tests are given lead to the same servers', async () => {
    await using workspace = setting.workspace();
    await using guest = scratchWorkspace();
    const { services } = setting;
    await using had = await lease(workspace, services);
    await leaveMark(had.offers, 'by-endpoint');
    const variables = toVariables(endpointsOf(had.offers));
    expect(fromVariables(services, variables)).toEqual(endpointsOf(had.offers));
    await using found = await lease(guest, services, { variables });
    expect(found.failures).toEqual([]);
    expect(found.offers.map(({ provider }) => provider)).toEqual(services.map(() => 'external'));
    expect(await findMark(found.offers, 'by-endpoint')).toEqual(services);
  });
});

async function offersOf(holder: LeaseHolder): Promise<ServiceOffer[]> {
  const line = await holder.next();
  if (!line.startsWith('leased ')) throw new Error(line);
  return (JSON.parse(line.slice('leased '.length)) as { offers: ServiceOffer[] }).offers;
}

async function statusOf({ root }: ScratchWorkspace): Promise<readonly ServiceStatus[]> {
  return (await servicesStatus({ workspaceRoot: root }))?.services ?? [];
}
