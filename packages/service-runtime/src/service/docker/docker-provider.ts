import { isPortFree } from '../../network/ports.js';
import { portTaken } from '../launch-failure.js';
import { choosePort, isExplicit } from '../launch-server.js';
import { type ComposePlan, readComposeFile } from './compose-file.js';
import { buildDocument } from './container-command.js';
import { ContainerRun } from './container-run.js';
import { locateDocker } from './docker-command.js';
import type { DockerContext } from './docker-context.js';
import { engineAddress, engineVersion } from './engine.js';
import { buildImages, isImagePresent, pullImage } from './image.js';

/** What the Docker provider must know of a service. */
export interface ComposeService<E> {
  /** Also that of its part of the compose file. */
  readonly name: string;
  /** The port that it listens on in its container, unless the compose file says another. */
  readonly standardPort: number;
  probe(endpoint: E, signal: AbortSignal): Promise<string>;
  /** `environment` is that of the compose file, with its variables filled in: credentials come from there. */
  endpoint(address: ContainerAddress, environment: Readonly<Record<string, string>>): E;
}

export interface ContainerAddress {
  readonly host: string;
  readonly port: number;
}

/** A service that runs in a container, and how to end it. What the supervisor keeps in its slot. */
export interface StartedContainer<E> {
  readonly offer: {
    readonly service: string;
    readonly provider: 'docker';
    readonly endpoint: E;
    /** What answered the probe. */
    readonly version: string;
    readonly startedInMs: number;
    readonly logFile: string;
  };
  /** Settles with the reason when the container ends, asked or not. */
  readonly ended: Promise<string>;
  /** Removes the container with its volumes, at once: what it holds is thrown away. */
  stop(): Promise<void>;
}

export interface ServiceStarter<E> {
  /**
   * Sees that the engine answers and the image is there. Pulling or building it may take minutes: `say` tells how far it is.
   *
   * @throws ServiceFailure `DOCKER_NOT_AVAILABLE`, `COMPOSE_FILE_INVALID`, `IMAGE_NOT_AVAILABLE`; `signal.reason`
   */
  prepare(say: (message: string) => void, signal: AbortSignal): Promise<void>;
  /**
   * Starts the container and waits until the service answers. Nothing is left of it when this rejects.
   *
   * @throws ServiceFailure; `signal.reason`
   */
  start(port: number | undefined, signal: AbortSignal): Promise<StartedContainer<E>>;
}

/** A port seen free can be taken before the engine binds it: then another is tried, once. */
const portAttempts = 2;

/** Starts a service as its compose file says. */
export function dockerStarter<E>(
  service: ComposeService<E>,
  composeFile: string,
  context: DockerContext,
): ServiceStarter<E> {
  const readPlan = (): ComposePlan =>
    readComposeFile(composeFile, service.name, service.standardPort, context.environment);
  return {
    async prepare(say, signal) {
      const docker = locateDocker(context.host);
      const plan = readPlan();
      for (const image of plan.images) {
        if (await isImagePresent(docker, image, signal)) continue;
        await engineVersion(docker, signal); // without an engine, no image is present either
        await pullImage(docker, service.name, image, say, signal);
      }
      const document = buildDocument(plan);
      if (document === undefined) return;
      await engineVersion(docker, signal); // else compose would say at length that there is none
      await buildImages(docker, { service: service.name, file: composeFile, document }, say, signal);
    },

    async start(port, signal) {
      const startedAt = context.clock.nowMs();
      const plan = readPlan();
      const docker = locateDocker(context.host);
      const engine = await engineAddress(docker, signal);
      for (let attempt = 1; ; attempt++) {
        const chosen = await choosePort(plan.preferredPort, attempt === 1 ? port : 0, plan.service);
        const endpoint = service.endpoint({ host: engine.host, port: chosen }, plan.environment);
        const run = new ContainerRun(plan, { address: engine.publishOn, port: chosen }, docker, context);
        const outcome = await run.start((probed) => service.probe(endpoint, probed), signal);
        if (outcome.ready) {
          const { version, ended } = outcome;
          const startedInMs = context.clock.nowMs() - startedAt;
          const { logFile } = run;
          return {
            offer: { service: plan.service, provider: 'docker', endpoint, version, startedInMs, logFile },
            ended,
            stop: () => run.stop(),
          };
        }
        if (!outcome.portRefused) throw outcome.failure;
        if (isExplicit(port))
          throw (await isPortFree(chosen)) ? outcome.failure : portTaken(plan.service, chosen);
        if (attempt === portAttempts) throw outcome.failure;
      }
    },
  };
}
