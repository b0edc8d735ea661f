import { truncateSync } from 'node:fs';
import { freePort, isPortFree } from '../network/ports.js';
import { type OwnedProcess, type ServerCommand, startOwnedProcess } from '../process/owned-process.js';
import type { Endpoint } from './endpoint.js';
import { launchFailure, portTaken } from './launch-failure.js';
import { type LaunchContext, type RunningService, runningService } from './running-service.js';
import type { ServiceName } from './service-name.js';
import { type Probe, untilReady } from './until-ready.js';

export interface ServerLaunch<E extends Endpoint> {
  readonly service: ServiceName;
  readonly standardPort: number;
  readonly context: LaunchContext;
  readonly command: (port: number) => ServerCommand;
  readonly endpoint: (port: number) => E;
  /** Must tell our server from a stranger's that took the port first. */
  readonly probe: (server: OwnedProcess) => Probe<E>;
}

/**
 * A port seen free can be taken before the server binds it, and be free again when we look. So a server that ends by
 * itself is tried again on another port, whatever it ended of; one that has another reason gives it again.
 */
const portAttempts = 2;

/** Starts a service that is one process on one port, and waits until it answers. */
export async function launchServer<E extends Endpoint>(launch: ServerLaunch<E>): Promise<RunningService<E>> {
  const { context, service } = launch;
  for (let attempt = 1; ; attempt++) {
    const port = await choosePort(launch.standardPort, attempt === 1 ? context.port : 0, service);
    const server = startOwnedProcess(launch.command(port), context.host, context.clock, context.record);
    const endpoint = launch.endpoint(port);
    const readiness = await untilReady(
      launch.probe(server),
      endpoint,
      [server],
      context.clock,
      context.signal,
    );
    // Whoever answers is not ours if ours has ended: it found the port taken.
    if (readiness.ready && server.exitStatus() === undefined)
      return runningService(endpoint, readiness.version, [server]);
    const lastError = readiness.ready ? undefined : readiness.lastError;
    const endedByItself = server.exitStatus() !== undefined;
    await server.end();
    if (endedByItself && isExplicit(context.port)) {
      if (!(await isPortFree(port))) throw portTaken(service, port);
    } else if (endedByItself && attempt < portAttempts) {
      truncateSync(context.logFile); // what it said of the first port is not evidence for the second
      continue;
    }
    throw launchFailure(service, context, lastError, server, endedByItself);
  }
}

/** The port that was asked for (0 asks for any that is free), else the standard one if it is free, else any that is. */
export async function choosePort(
  standardPort: number,
  asked: number | undefined,
  service: string,
): Promise<number> {
  if (asked === 0) return freePort();
  if (asked !== undefined) {
    if (await isPortFree(asked)) return asked;
    throw portTaken(service, asked);
  }
  return (await isPortFree(standardPort)) ? standardPort : freePort();
}

/** Whether somebody insists on this very port. */
export function isExplicit(port: number | undefined): boolean {
  return port !== undefined && port !== 0;
}
