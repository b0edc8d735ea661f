import type { ExecutorContext } from '@nx/devkit';
import { servicesStatus, type ServiceStatus } from '@sqlflow/service-runtime';
import { print, printJson } from '../../output.js';
import { table } from '../../table.js';
import { type ExecutorResult, run } from '../run.js';

export interface StatusOptions {
  readonly json?: boolean;
}

export default function status(options: StatusOptions, context: ExecutorContext): Promise<ExecutorResult> {
  return run(async () => {
    const found = await servicesStatus({ workspaceRoot: context.root });
    const services = found?.services ?? [];
    if (options.json === true) {
      printJson({
        supervisor: found && { pid: found.pid, version: found.version },
        services: services.map(withoutAccount),
      });
      return true;
    }
    if (found === undefined) {
      print('No service of this workspace runs.');
      return true;
    }
    print(table(['SERVICE', 'PROVIDER', 'STATE', 'ADDRESS', 'VERSION', 'USED BY'], services.map(row)));
    print(`\nSupervisor: process ${String(found.pid)}`);
    return true;
  });
}

/** For a person. */
export function row({ service, provider, phase, offer, holders, pinned, ...more }: ServiceStatus): string[] {
  const users = [...holders, ...(pinned ? ['services:up'] : [])];
  return [
    more.private ? `${service} (private)` : service,
    provider,
    phase,
    offer ? address(offer) : '',
    offer?.version ?? '',
    users.join(', ') || (phase === 'running' ? 'nobody, kept warm' : ''),
  ];
}

/** For a script: everything but the account. */
export function withoutAccount(status: ServiceStatus): object {
  const { service, provider, phase, pinned, holders, offer } = status;
  return {
    service,
    provider,
    phase,
    private: status.private,
    pinned,
    holders,
    ...(offer && { address: address(offer), version: offer.version, logFile: offer.logFile }),
  };
}

function address({ endpoint }: NonNullable<ServiceStatus['offer']>): string {
  return `${endpoint.host}:${String(endpoint.port)}`;
}
