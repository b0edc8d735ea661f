import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Host, ServiceFailure, systemClock, thisHost } from '../../src/index.js';
import { readComposeFile } from '../../src/service/docker/compose-file.js';
import type { DockerContext } from '../../src/service/docker/docker-context.js';
import type { ServiceDefinition } from '../../src/service/service-definition.js';
import { dockerStarter, type ServiceStarter } from '../../src/service/docker/docker-provider.js';
import { findDocker } from '../../src/service/docker/find-docker.js';
import { isImagePresent } from '../../src/service/docker/image.js';
import { objectStoreService } from '../../src/service/object-store/object-store-service.js';
import { postgresService } from '../../src/service/postgres/postgres-service.js';
import { redisService } from '../../src/service/redis/redis-service.js';
import { plainEnvironment, until } from './scratch-workspace.js';

export const composeServices = {
  postgres: postgresService,
  'object-store': objectStoreService,
  redis: redisService,
};

export type DockerServiceName = keyof typeof composeServices;

/** The compose files of this repository. */
export const composeFiles = fileURLToPath(new URL('../../../../docker', import.meta.url));

/**
 * Registers tests that need a Docker engine and the images of the compose files. Without them one line says why; with
 * `INTEGRATION_TESTS_DOCKER=true` a failing test does.
 */
export async function describeDocker(subject: string, body: () => void): Promise<void> {
  const title = `${subject} @docker`;
  const missing = await whatIsMissing();
  if (missing === undefined) {
    describe(title, body);
  } else if (process.env['INTEGRATION_TESTS_DOCKER'] === 'true') {
    test(`${title}: Docker is there`, () => {
      throw new Error(missing);
    });
  } else {
    process.stderr.write(`skipped "${title}": ${missing}\n`);
    // eslint-disable-next-line no-restricted-syntax -- a laptop without Docker tests the rest
    describe.skip(title, body);
  }
}

/**
 * As test-harness does, which depends on this package: the result must not be kept as one of tests that ran. Not needed
 * where no engine answers: that is part of what a result is kept by.
 */
export function markSkipped(file = process.env['TEST_SKIP_MARK'] ?? ''): void {
  if (file === '') return;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${randomUUID()}\n`);
}

async function whatIsMissing(): Promise<string | undefined> {
  const signal = AbortSignal.timeout(30_000);
  try {
    const { command } = await findDocker(thisHost(), signal);
    for (const { name, standardPort } of Object.values(composeServices)) {
      const file = join(composeFiles, name, 'compose.yml');
      for (const image of readComposeFile(file, name, standardPort, process.env).images) {
        if (await isImagePresent(command, image, signal)) continue;
        markSkipped();
        return `the image ${image} is not on this machine`;
      }
    }
    return undefined;
  } catch (error) {
    if (error instanceof ServiceFailure) return error.report.summary;
    throw error;
  }
}

/** Folders and a workspace key of one test's own. What Docker made under the key is removed at the end. */
export class DockerScratch implements AsyncDisposable {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'sqlflow-docker-')));
  readonly key = randomBytes(6).toString('hex');
  /** What was written down before it was made, in order. */
  readonly projects: string[] = [];

  constructor() {
    chmodSync(this.folder, 0o777); // a test may start a process of another account
    mkdirSync(join(this.folder, 'data'));
  }

  context(changes: { host?: Partial<Host>; environment?: Record<string, string> } = {}): DockerContext {
    const host = { ...thisHost(), ...changes.host };
    return {
      folders: { key: this.key, data: join(this.folder, 'data', this.key), logs: join(this.folder, 'logs') },
      ledger: {
        open: () => ({
          add: () => undefined,
          addProject: (name) => void this.projects.push(name),
          close: () => undefined,
        }),
      },
      host,
      clock: systemClock,
      environment: { ...host.environment, ...changes.environment },
    };
  }

  starter<N extends DockerServiceName>(
    name: N,
    {
      file = join(composeFiles, name, 'compose.yml'),
      ...changes
    }: Parameters<DockerScratch['context']>[0] & {
      file?: string;
    } = {},
  ): ServiceStarter<ReturnType<(typeof composeServices)[N]['endpoint']>> {
    const service: ServiceDefinition = composeServices[name];
    return dockerStarter(service, file, this.context(changes)) as never;
  }

  /** @returns The path of a compose file with this text. */
  composeFile(text: string): string {
    const file = join(this.folder, `compose-${randomBytes(3).toString('hex')}.yml`);
    writeFileSync(file, text);
    return file;
  }

  /** What is there under our key: containers, networks, volumes, and processes. In words. */
  remains(): string[] {
    return [...madeFor(this.key), ...this.processes().map(({ pid, command }) => `process ${pid} ${command}`)];
  }

  /** The processes that have our key among their arguments. */
  processes(): { pid: string; command: string }[] {
    return processesFor(this.key);
  }

  untilNothingRemains(withinMs = 30_000): Promise<void> {
    return until(
      () => this.remains().length === 0,
      withinMs,
      () => `still there: ${this.remains().join('; ')}`,
    );
  }

  /** A process of its own that starts services and holds them. */
  startOwner(
    services: readonly string[],
    options: { files?: string; environment?: Record<string, string>; uid?: number; gid?: number } = {},
  ): ContainerOwner {
    const { files = composeFiles, environment = {}, ...account } = options;
    const child = spawn(
      process.execPath,
      ['--import', loader, program, this.folder, this.key, services.join(','), files],
      { stdio: ['pipe', 'pipe', 'inherit'], env: { ...plainEnvironment(), ...environment }, ...account },
    );
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    return {
      process: child,
      exited: new Promise((resolve) => child.once('exit', () => resolve())),
      next: async () => {
        const line = await lines.next();
        return line.done === true ? 'ended' : line.value;
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const containers = docker('ps', '-aq', '--filter', `label=sqlflow.services.workspace=${this.key}`);
    if (containers.length > 0) docker('rm', '-f', '-v', ...containers);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const loader = new URL('../../../../tools/source-loader/register.mjs', import.meta.url).href;
const program = fileURLToPath(new URL('./child/own-container.ts', import.meta.url));

export interface ContainerOwner {
  readonly process: ChildProcess;
  /** One line for each thing it did: `said …`, `ready <json>`, `failed <json>`; `ended` after the last. */
  next(): Promise<string>;
  readonly exited: Promise<void>;
}

/** The image of a service here. */
export function image(name: DockerServiceName): string {
  const file = join(composeFiles, name, 'compose.yml');
  const [found = ''] = readComposeFile(file, name, composeServices[name].standardPort, process.env).images;
  return found;
}

/** What Docker has for a workspace: containers, networks and volumes. In words. */
export function madeFor(key: string): string[] {
  // By name, not by label: what has lost its labels counts, too.
  const named = (kind: string, ...list: readonly string[]): string[] =>
    docker(...list).flatMap((line) => (line.includes(key) ? [`${kind} ${line}`] : []));
  return [
    ...named('container', 'ps', '-a', '--format', '{{.Names}} {{.Status}}'),
    ...named('network', 'network', 'ls', '--format', '{{.Name}}'),
    ...named('volume', 'volume', 'ls', '--format', '{{.Name}}'),
  ];
}

/** The processes that have the key of a workspace among their arguments. */
export function processesFor(key: string): { pid: string; command: string }[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      return command.includes(key) ? [{ pid, command }] : [];
    } catch {
      return []; // it has just ended
    }
  });
}

/** Docker's command line, by hand. @returns the lines that it printed. */
export function docker(...args: readonly string[]): string[] {
  return execFileSync('docker', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
    .split('\n')
    .filter(Boolean);
}
