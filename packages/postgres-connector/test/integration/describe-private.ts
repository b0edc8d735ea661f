import {
  builtInServices,
  chooseProviders,
  findWorkspaceRoot,
  loadServices,
  thisHost,
} from '@sqlflow/service-runtime';
import { describeIntegration, markSkipped } from '@sqlflow/test-harness';

const root = findWorkspaceRoot(process.cwd());
const choices = chooseProviders(await loadServices(root, builtInServices), root, thisHost());
const provider = choices.find(({ definition }) => definition.name === 'postgres')?.provider;

/** Tests with a PostgreSQL of their own. It is a local process; where the services come from elsewhere they are skipped. */
export function describePrivate(title: string, body: () => void): void {
  if (provider === 'local') {
    describeIntegration('postgres', title, { tags: ['fault'] }, body);
    return;
  }
  markSkipped();
  // eslint-disable-next-line no-restricted-syntax -- what cannot be had here is tested on local processes
  test.skip(`${title}: postgres comes from ${String(provider)}`, () => undefined);
}
