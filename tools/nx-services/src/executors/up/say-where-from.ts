import {
  type Choice,
  chooseProviders,
  type Host,
  loadServices,
  type ServiceName,
  thisHost,
} from '@sqlflow/service-runtime';

/** One line for each service that the run may need: where it would come from. Nothing is started or connected to. */
export async function sayWhereFrom(
  services: readonly ServiceName[],
  workspaceRoot: string,
  provider: string | undefined,
  host: Host = thisHost(),
): Promise<string> {
  const definitions = await loadServices(workspaceRoot, services);
  const lines = chooseProviders(definitions, workspaceRoot, host, provider).map(
    (choice) => `${choice.definition.name}: ${whereFrom(choice)}`,
  );
  return lines.length === 0 ? 'No service is needed.' : lines.join('\n');
}

function whereFrom({ provider, external }: Choice): string {
  if (external !== undefined) return `the server that ${external.variable} names`;
  const what = provider === 'docker' ? 'a container' : 'a local process';
  return `${what}, started when the first test needs it`;
}
