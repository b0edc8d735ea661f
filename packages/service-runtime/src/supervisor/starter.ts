import type { Clock } from '../clock.js';
import { ServiceFailure } from '../failure/service-failure.js';
import type { Host } from '../host.js';
import type { ServiceDefinition } from '../service/service-definition.js';
import type { ServiceName } from '../service/service-name.js';
import type { RuntimeFolders } from '../workspace/runtime-folders.js';
import type { ProcessLedger } from './process-ledger.js';
import type { ServiceStart } from './protocol.js';
import type { Starter } from './service-slot.js';
import { startLocal } from './start-local.js';

interface Surroundings {
  readonly folders: RuntimeFolders;
  readonly host: Host;
  readonly clock: Clock;
  readonly load: (service: ServiceName) => Promise<ServiceDefinition>;
}

/** How the service is started by the provider that was asked for. */
export function starterOf(start: ServiceStart, surroundings: Surroundings, ledger: ProcessLedger): Starter {
  const { folders, host, clock, load } = surroundings;
  return {
    start: async (port, signal) => {
      const definition = await load(start.service);
      return startLocal(definition, folders, ledger, host, clock)(port, signal);
    },
  };
}
