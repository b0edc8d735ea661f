import type { ServiceName } from '@sqlflow/service-runtime';
import { type ClientTimes, startClient } from './client.js';
import { tracesOf, untilGone } from './traces.js';

/** Has a new client lease services where nothing runs, and waits until nothing is left of it. */
export async function leasedRun(
  workspaceRoot: string,
  services: readonly ServiceName[],
  environment?: Readonly<Record<string, string>>,
  provider: 'local' | 'docker' = 'local',
): Promise<ClientTimes> {
  const client = await startClient(workspaceRoot, services, environment, provider);
  const traces = await tracesOf(workspaceRoot);
  await client.end();
  await untilGone(traces);
  return client.times;
}

/** What the supervisor said of a service that it started in this run. */
export function startedInMs({ startedInMs: times }: ClientTimes, service: ServiceName): number {
  const found = times[service];
  if (found === undefined) throw new Error(`${service} ran already: this was no start`);
  return found;
}
