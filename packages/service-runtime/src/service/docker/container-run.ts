import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ServiceFailure } from '../../failure/service-failure.js';
import { isPortFree } from '../../network/ports.js';
import { type OwnedProcess, type ServerCommand, startOwnedProcess } from '../../process/owned-process.js';
import { assertOurs, folderFailure, makeFolders } from '../../workspace/runtime-folders.js';
import { beginLog } from '../begin-log.js';
import { diskFull, isFull, lastLines, launchFailure } from '../launch-failure.js';
import { untilReady } from '../until-ready.js';
import type { ComposePlan } from './compose-file.js';
import { composeDocument, environmentLines, type Publication, runArguments } from './container-command.js';
import { askDocker, type DockerCommand } from './docker-command.js';
import { imageNotAvailable } from './docker-failure.js';
import type { DockerContext, DockerLedgerEntries } from './docker-context.js';
import { engineVersion } from './engine.js';
import { requireCompose } from './find-docker.js';
import { isImagePresent } from './image.js';
import { newProject, projectLabel, removeContainers, removeLabelled } from './project.js';
import { type Reaper, startReaper } from './reaper.js';

export type Outcome =
  | { readonly ready: true; readonly version: string; readonly ended: Promise<string> }
  /** `portRefused`: it may come up on another port. Nothing is left of it. */
  | { readonly ready: false; readonly failure: unknown; readonly portRefused: boolean };

/** A start takes 0.3 s, and a probe through the engine's proxy costs more than with a process beside us. */
const probeIntervalMs = 15;

/** The exit code of `docker run` for a container that the engine could not start. */
const couldNotStart = 125;

const removeWithinMs = 30_000;
/** How long a command that has not ended is waited for: what it asked the engine for may still come into being. */
const settleWithinMs = 10_000;
const lookAgainMs = 50;

/**
 * One container of one service, or several where compose is needed, with a command that stays attached to it: its end is
 * theirs, its output their log.
 */
export class ContainerRun {
  readonly logFile: string;
  readonly #project;
  #folder: string | undefined;
  #entries: DockerLedgerEntries | undefined;
  #reaper: Reaper | undefined;
  #server: OwnedProcess | undefined;

  constructor(
    private readonly plan: ComposePlan,
    private readonly publication: Publication,
    private readonly docker: DockerCommand,
    private readonly context: DockerContext,
  ) {
    this.#project = newProject(plan.service, context.folders.key);
    this.logFile = join(context.folders.logs, `${plan.service}.log`);
  }

  /** Never rejects: a failure is an outcome. May be called once. */
  async start(probe: (signal: AbortSignal) => Promise<string>, signal: AbortSignal): Promise<Outcome> {
    try {
      const server = await this.#begin(signal);
      const readiness = await untilReady(
        this.#probing(probe),
        undefined,
        [server],
        this.context.clock,
        signal,
      );
      if (readiness.ready) return { ready: true, version: readiness.version, ended: describeEnd(server) };
      const endedByItself = server.exitStatus() !== undefined;
      const outcome = endedByItself ? await this.#explain(server) : undefined;
      await this.#abandon();
      const { service } = this.plan;
      return (
        outcome ?? {
          ready: false,
          failure: launchFailure(
            service,
            { logFile: this.logFile, signal },
            readiness.lastError,
            server,
            endedByItself,
          ),
          portRefused: false,
        }
      );
    } catch (failure) {
      await this.#abandon();
      return { ready: false, failure, portRefused: false };
    }
  }

  /** Resolves when nothing is left of it. */
  async stop(): Promise<void> {
    await Promise.all([this.#server?.end(), this.#remove()]);
    this.#clear();
  }

  async #begin(signal: AbortSignal): Promise<OwnedProcess> {
    const { host, clock, ledger } = this.context;
    const folder = this.#makeFolder();
    const command = await this.#command(folder, signal);
    this.#entries = ledger.open();
    this.#entries.addProject(this.#project.name);
    this.#reaper = startReaper(this.docker, this.#project.name);
    this.#server = startOwnedProcess(command, { ...host, ...this.docker.host }, clock, this.#entries.add);
    return this.#server;
  }

  /**
   * The service's probe, between two looks at whether our container runs and has the port. Not asked before: the engine's
   * proxy takes connections while the container has no network yet, and then the kernel looks for its address in vain, and
   * again only after a second, for all who connect meanwhile. And looked at again: the engine may have begun to run it, and
   * then found that a stranger, who has answered, has the port.
   */
  #probing(
    probe: (signal: AbortSignal) => Promise<string>,
  ): (_: undefined, signal: AbortSignal) => Promise<string> {
    const { port } = this.publication;
    const having = [
      '--filter',
      `label=${projectLabel}=${this.#project.name}`,
      '--filter',
      `publish=${String(port)}`,
    ];
    const assertRuns = async (signal: AbortSignal): Promise<void> => {
      const { output } = await askDocker(this.docker, ['ps', '-q', ...having], signal);
      if (output.trim() === '') throw new Error(`its container does not run, or not on port ${String(port)}`);
    };
    let hasRun = false;
    return async (_, signal) => {
      try {
        if (!hasRun) await assertRuns(signal);
        hasRun = true;
        const version = await probe(signal);
        await assertRuns(signal);
        return version;
      } catch (error) {
        await this.context.clock.sleep(probeIntervalMs, signal).catch(() => undefined);
        throw error;
      }
    };
  }

  /** `docker run` where it does the same: it takes 0.4 s less than version 2 of compose, and 1 s less than version 1. */
  async #command(folder: string, signal: AbortSignal): Promise<ServerCommand> {
    const { plan, docker } = this;
    const base = { environment: docker.environment, logFile: this.logFile, endSignal: 'SIGKILL' } as const;
    const environmentFile = join(folder, 'environment');
    const args = runArguments(plan, this.#project, this.publication, environmentFile);
    if (args !== undefined) {
      writeFileSync(environmentFile, environmentLines(plan), { mode: 0o600 });
      return { ...base, file: docker.file, args };
    }
    const compose = await requireCompose(docker, plan.file, signal);
    const document = join(folder, 'compose.json');
    writeFileSync(document, composeDocument(plan, this.#project, this.publication), { mode: 0o600 });
    return {
      ...base,
      file: compose.file,
      args: [
        ...compose.args,
        ...['--project-name', this.#project.name, '--file', document],
        ...['--project-directory', dirname(plan.file)], // what the file says of folders is said from where it is
        ...['up', '--no-color', '--no-log-prefix', '--exit-code-from', plan.service],
      ],
    };
  }

  #makeFolder(): string {
    const { folders, host } = this.context;
    try {
      makeFolders(folders.logs, host);
      beginLog(this.logFile);
      makeFolders(folders.data, host);
      assertOurs([dirname(folders.data), folders.data], host);
      // Whatever the umask: the account of servers that run beside this one must get through.
      for (const folder of [dirname(folders.data), folders.data]) chmodSync(folder, 0o711);
      this.#folder = mkdtempSync(join(folders.data, `${this.plan.service}-`)); // mode 0700
      return this.#folder;
    } catch (cause) {
      throw cause instanceof ServiceFailure ? cause : folderFailure(folders.data, host, cause);
    }
  }

  /** Why the command ended before the service had answered, where more is to be known than its log says. */
  async #explain(server: OwnedProcess): Promise<Outcome | undefined> {
    const { plan, docker } = this;
    const signal = AbortSignal.timeout(removeWithinMs);
    const failed = (failure: unknown, portRefused = false): Outcome => ({
      ready: false,
      failure,
      portRefused,
    });
    const log = lastLines(this.logFile);
    try {
      await engineVersion(docker, signal);
      for (const image of plan.images) {
        if (await isImagePresent(docker, image, signal)) continue;
        return failed(imageNotAvailable(plan.service, image, log.join('\n')));
      }
      const asked = ['info', '--format', '{{.DockerRootDir}}'];
      const root = (await askDocker(docker, asked, signal)).output.trim();
      if (root !== '' && isFull(root)) return failed(diskFull(plan.service, root, log));
    } catch (error) {
      return failed(error);
    }
    const refused = server.exitStatus()?.exitCode === couldNotStart;
    if (!refused && (await isPortFree(this.publication.port))) return undefined;
    const context = { logFile: this.logFile, signal };
    return failed(launchFailure(plan.service, context, undefined, server, true), true);
  }

  /** Ends a start that came to nothing. Never rejects. */
  async #abandon(): Promise<void> {
    const { clock } = this.context;
    const server = this.#server;
    const deadline = clock.nowMs() + settleWithinMs;
    try {
      // While the command runs, the engine may be making the container. It ends when its container is gone.
      while (server !== undefined && server.exitStatus() === undefined && clock.nowMs() < deadline) {
        await removeContainers(this.docker, this.#project.name, AbortSignal.timeout(removeWithinMs));
        await Promise.race([server.exited, clock.sleep(lookAgainMs)]);
      }
      if (server !== undefined && server.exitStatus() === undefined) {
        await server.end();
        this.#reaper?.release();
      }
      if (this.#reaper !== undefined) await this.#remove();
    } catch {
      // The reaper goes on, or the next start: the cause of the failure is what the caller must see.
    }
    this.#clear();
  }

  /** @throws ServiceFailure if something is left; the reaper goes on with it then. */
  async #remove(): Promise<void> {
    try {
      await removeLabelled(this.docker, this.#project.name, AbortSignal.timeout(removeWithinMs));
      this.#reaper?.dismiss();
      this.#entries?.close();
    } catch (error) {
      this.#reaper?.release();
      throw error;
    }
  }

  #clear(): void {
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function describeEnd(server: OwnedProcess): Promise<string> {
  const { exitCode, signal } = await server.exited;
  return signal === null ? `exit code ${String(exitCode)}` : `signal ${signal}`;
}
