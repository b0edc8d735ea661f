import type { Clock } from '../clock.js';
import type { Host } from '../host.js';
import { withEngineOf } from '../service/docker/docker-command.js';
import { dockerStarter, type ServiceStarter } from '../service/docker/docker-provider.js';
import type { Endpoint } from '../service/endpoint.js';
import type { ServiceDefinition } from '../service/service-definition.js';
import type { ServiceName } from '../service/service-name.js';
import type { RuntimeFolders } from '../workspace/runtime-folders.js';
import { composeFile } from '../workspace/workspace-services.js';
import type { ProcessLedger } from './process-ledger.js';
import type { ServiceStart } from './protocol.js';
import type { Starter } from './service-slot.js';
import { startLocal } from './start-local.js';

interface Surroundings {
  readonly folders: RuntimeFolders;
  readonly host: Host;
  readonly clock: Clock;
  readonly load: (service: ServiceName) => Promise<ServiceDefinition>;
  /** Resolves when no container of a killed predecessor holds a port any more. */
  readonly cleared: Promise<void>;
}

/** How the service is started by the provider that was asked for. */
export function starterOf(asked: ServiceStart, surroundings: Surroundings, ledger: ProcessLedger): Starter {
  const { service, provider, variables: environment } = asked;
  const { folders, clock, load, cleared } = surroundings;
  if (provider === 'local') {
    const { host } = surroundings;
    return {
      start: async (port, signal) =>
        startLocal(await load(service), folders, ledger, host, clock)(port, signal),
    };
  }
  const host = withEngineOf(environment, surroundings.host);
  const file = composeFile(folders.workspace, service);
  const container = async (): Promise<ServiceStarter<Endpoint>> =>
    dockerStarter(await load(service), file, { folders, ledger, host, clock, environment });
  return {
    prepare: async (say, signal) => {
      await Promise.all([(await container()).prepare(say, signal), cleared]);
    },
    start: async (port, signal) => (await container()).start(port, signal),
  };
}
