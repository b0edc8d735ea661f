import { connect, type Socket } from 'node:net';
import { ServiceFailure } from '../failure/service-failure.js';
import type { LocalLauncher, ServiceDefinition } from '../service/service-definition.js';
import type { ServiceName } from '../service/service-name.js';
import { lines } from '../supervisor/lines.js';
import { encode, type Reply, type Request, type ServiceStart } from '../supervisor/protocol.js';
import { supervise } from '../supervisor/supervisor.js';
import { makeControlFolder, type RuntimeFolders, runtimeFolders } from '../workspace/runtime-folders.js';
import { type Deferred, deferred } from './deferred.js';
import type { Scratch } from './scratch.js';
import { VirtualClock } from './virtual-clock.js';

interface Launch {
  readonly port: number | undefined;
  readonly died: Deferred<string>;
}

/** A service without a server: comes up at once, on a port of its own, and dies when the test says so. */
function fakeService(name: string, launches: Launch[]): ServiceDefinition {
  const local: LocalLauncher = {
    locate: () => 'nowhere',
    launch: ({ port, signal }) => {
      if (name === 'slow')
        return new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(new Error('it was too slow')));
        });
      const died = deferred<string>();
      launches.push({ port, died });
      return Promise.resolve({
        endpoint: { host: '127.0.0.1', port: port ?? 6378 + launches.length },
        version: `${name} 7`,
        pids: () => [],
        ended: died.promise,
        stop: () => Promise.resolve(),
      });
    },
  };
  return {
    name,
    standardPort: 6379,
    local,
    packages: { debian: [], homebrew: [] },
    probe: () => Promise.resolve(`${name} 7`),
    endpoint: (address) => address,
  };
}

export class Client {
  readonly #socket: Socket;
  readonly #lines: AsyncGenerator<string, void, void>;

  constructor(path: string) {
    this.#socket = connect({ path });
    this.#socket.on('error', () => undefined);
    this.#lines = lines(this.#socket);
  }

  async next(): Promise<Reply | undefined> {
    const line = await this.#lines.next();
    return line.done === true ? undefined : (JSON.parse(line.value) as Reply);
  }

  /** Skips the greeting. */
  async ask(request: Request): Promise<Reply | undefined> {
    await this.next();
    this.#socket.write(encode(request));
    return this.next();
  }

  write(text: string): void {
    this.#socket.write(text);
  }

  close(): void {
    this.#socket.destroy();
  }
}

export const redis: ServiceStart = { service: 'redis', provider: 'local', variables: {} };

export const lease = (keepWarmMs: number, ...services: ServiceStart[]): Request => ({
  kind: 'lease',
  holder: 'a test',
  services: services.length === 0 ? [redis] : services,
  keepWarmMs,
});

export const brokenDefinition = {
  code: 'SERVICE_DEFINITION_INVALID',
  service: 'broken',
  summary: 'The definition of the service broken cannot be used.',
  evidence: ['docker/broken/service.mjs'],
  next: ['Correct it.'],
} as const;

const running: AbortController[] = [];

/** A test that fails must not leave a supervisor behind: its server would keep Jest alive. To be called after each. */
export function endSupervisors(): void {
  for (const told of running.splice(0)) told.abort();
}

/** A supervisor in this process, with services that are none. */
export async function setUp(scratch: Scratch, prepare: (folders: RuntimeFolders) => void = () => undefined) {
  const host = scratch.host();
  const folders = runtimeFolders(scratch.makeFolder('workspace'), host);
  makeControlFolder(folders, host);
  prepare(folders);
  const clock = new VirtualClock();
  const launches: Launch[] = [];
  const load = (service: ServiceName): Promise<ServiceDefinition> => {
    if (service === 'broken') return Promise.reject(new ServiceFailure(brokenDefinition));
    return Promise.resolve(fakeService(service, launches));
  };
  const told = new AbortController();
  running.push(told);
  const logged: string[] = [];
  const listeners: (() => void)[] = [];
  const log = (line: string): void => {
    logged.push(line);
    for (const listener of listeners) listener();
  };
  const logs = (start: string): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (logged.some((line) => line.startsWith(start))) resolve();
      };
      listeners.push(look);
      look();
    });
  const common = { folders, host, clock, version: 'test', load };
  const ended = supervise({ ...common, log, signal: told.signal });
  await logs('supervising');
  return {
    folders,
    clock,
    launches,
    ended,
    told,
    logged,
    logs,
    common,
    client: () => new Client(folders.socket),
  };
}
