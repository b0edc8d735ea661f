import { chooseProviders, locatingVariables, type ServiceName, thisHost } from '@sqlflow/service-runtime';

/** One line for each service that the run may need: where it would come from. Nothing is started or connected to. */
export function sayWhereFrom(services: readonly ServiceName[], provider: string | undefined): string {
  const choices = chooseProviders(services, thisHost().environment, provider);
  const lines = choices.map(({ service, provider: from }) =>
    from === 'external'
      ? `${service}: the server that ${locatingVariables[service]} names`
      : `${service}: a local process, started when the first test needs it`,
  );
  return lines.length === 0 ? 'No service is needed.' : lines.join('\n');
}
