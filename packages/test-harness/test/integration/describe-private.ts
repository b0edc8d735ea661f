import {
  builtInServices,
  chooseProviders,
  dataLimitObstacle,
  findWorkspaceRoot,
  loadServices,
  ServiceFailure,
  type ServiceName,
  thisHost,
} from '@sqlflow/service-runtime';
import { describeIntegration, markSkipped } from '@sqlflow/test-harness';

const obstacle = await dataLimitObstacle();
const elsewhere = await notLocal();

/** Private servers are local processes. Where the services of this run come from elsewhere, their tests are skipped. */
export function describePrivate(service: ServiceName, title: string, body: () => void): void {
  const from = elsewhere.get(service);
  if (from === undefined) describeIntegration(service, title, { tags: ['fault'] }, body);
  else skip(`${title}: ${service} comes from ${from}`);
}

/** The same for a disk of limited size, which not every system lets every account have. */
export function describeLimited(service: ServiceName, title: string, body: () => void): void {
  if (obstacle === undefined) describePrivate(service, title, body);
  else skip(`${title}: ${obstacle}`);
}

function skip(why: string): void {
  markSkipped();
  // eslint-disable-next-line no-restricted-syntax -- what cannot be had here is tested elsewhere
  test.skip(why, () => undefined);
}

async function notLocal(): Promise<Map<ServiceName, string>> {
  const root = findWorkspaceRoot(process.cwd());
  try {
    const choices = chooseProviders(await loadServices(root, builtInServices), root, thisHost());
    const others = choices.filter(({ provider }) => provider !== 'local');
    return new Map(others.map(({ definition, provider }) => [definition.name, provider]));
  } catch (error) {
    if (!(error instanceof ServiceFailure)) throw error;
    return new Map(builtInServices.map((name) => [name, error.message]));
  }
}
