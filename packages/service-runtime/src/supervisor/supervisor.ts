import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import type { Clock } from '../clock.js';
import type { Host } from '../host.js';
import { tryLock } from '../process/file-lock.js';
import { engineVariablesOf, withEngineOf } from '../service/docker/docker-command.js';
import { removeOrphans } from '../service/docker/project.js';
import type { ServiceDefinition } from '../service/service-definition.js';
import type { ServiceName } from '../service/service-name.js';
import { makeControlFolder, removeFolders, type RuntimeFolders } from '../workspace/runtime-folders.js';
import { lines } from './lines.js';
import { PrivateServers } from './private-servers.js';
import { ProcessLedger } from './process-ledger.js';
import {
  encode,
  type Reply,
  type Request,
  requestSchema,
  type ServiceStart,
  type ServiceStatus,
} from './protocol.js';
import { reportOf } from './report-of.js';
import { type Holder, ServiceSlot } from './service-slot.js';
import { starterOf } from './starter.js';
import { removeProjects, sweepDead, sweepOwn } from './sweep.js';

export interface SupervisorSetUp {
  readonly folders: RuntimeFolders;
  /** @throws ServiceFailure for a service that there is none of, or whose definition cannot be used. */
  readonly load: (service: ServiceName) => Promise<ServiceDefinition>;
  readonly version: string;
  readonly host: Host;
  readonly clock: Clock;
  /** One line for the supervisor's own log. */
  readonly log: (line: string) => void;
  /** Aborts when the supervisor is told to end by the system. */
  readonly signal: AbortSignal;
}

/** How long a new supervisor waits for its first client, who is on the way: it was started by one. */
const firstClientMs = 10_000;

/** A client gives a supervisor up that says nothing for a minute; an image may take longer than that. */
const stillThereMs = 20_000;

const sweepContainersMs = 60_000;

/**
 * Supervises a workspace's services until nobody needs it, then clears up after itself.
 *
 * It makes its control folder itself: whoever started it may be killed at any moment, and would leave the folder behind.
 *
 * @returns `busy` at once if another supervisor already does.
 * @throws ServiceFailure as `makeControlFolder` does.
 */
export async function supervise(setUp: SupervisorSetUp): Promise<'ended' | 'busy'> {
  const { folders, host, clock } = setUp;
  makeControlFolder(folders, host);
  const lock = tryLock(folders.lock, 'create');
  if (lock === undefined) return 'busy';
  const projects = await sweepOwn(folders, clock);
  removeLeftovers(folders);
  const supervisor = new Supervisor(setUp, projects);
  await supervisor.listen();
  // Another workspace's leftovers can wait until whoever started us has been served.
  await supervisor.served;
  await sweepDead(folders, host, clock).catch((error: unknown) => {
    setUp.log(`sweeping other workspaces: ${String(error)}`);
  });
  await supervisor.ended;
  await supervisor.leftoversRemoved;
  removeFolders(folders);
  lock.release();
  return 'ended';
}

function removeLeftovers(folders: RuntimeFolders): void {
  rmSync(folders.data, { recursive: true, force: true, maxRetries: 5 });
  rmSync(folders.socket, { force: true });
}

class Supervisor {
  readonly ended: Promise<void>;
  /** Resolves with the first answer to a request, and at the latest when the supervisor ends. */
  readonly served: Promise<void>;
  /** Resolves once what Docker made for a killed predecessor is gone. Whoever needs no container does not wait for it. */
  readonly leftoversRemoved: Promise<void>;
  #end: () => void = () => undefined;
  #markServed: () => void = () => undefined;
  readonly #server: Server;
  /** By what was asked for: two starts that differ in anything are two servers. Once made, a slot stays. */
  readonly #slots = new Map<string, ServiceSlot>();
  readonly #privates: PrivateServers;
  readonly #ledger: ProcessLedger;
  readonly #sweptEngines = new Set<string>();
  readonly #connections = new Set<Socket>();
  readonly #firstClientTimer: { cancel(): void };

  constructor(
    private readonly setUp: SupervisorSetUp,
    leftovers: readonly string[],
  ) {
    this.#ledger = new ProcessLedger(setUp.folders);
    this.#privates = new PrivateServers({ ...setUp, ledger: this.#ledger });
    // Still written down, should we be killed before they are gone.
    const entries = this.#ledger.open();
    for (const name of leftovers) entries.addProject(name);
    this.leftoversRemoved = removeProjects(leftovers, setUp.host).then(() => {
      entries.close();
    });
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.served = new Promise((resolve) => {
      this.#markServed = resolve;
    });
    this.#server = createServer((socket) => {
      this.#accept(socket);
    });
    this.#firstClientTimer = setUp.clock.schedule(firstClientMs, () => {
      this.#endIfUnused();
    });
    setUp.signal.addEventListener('abort', () => {
      void this.#stopAll().then(() => {
        this.#close();
      });
    });
  }

  listen(): Promise<void> {
    const { folders, log, version } = this.setUp;
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(folders.socket, () => {
        chmodSync(folders.socket, 0o600); // an endpoint holds a password: ours alone
        log(`supervising ${folders.workspace}, version ${version}, pid ${String(process.pid)}`);
        resolve();
      });
    });
  }

  #accept(socket: Socket): void {
    this.#firstClientTimer.cancel();
    this.#connections.add(socket);
    socket.on('error', () => undefined); // 'close' follows, and says all there is to say
    socket.once('close', () => {
      this.#connections.delete(socket);
      this.#endIfUnused();
    });
    const { version, folders } = this.setUp;
    this.#send(socket, { kind: 'greeting', version, pid: process.pid, workspace: folders.workspace });
    void this.#serve(socket).catch((error: unknown) => {
      this.setUp.log(
        `a request failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
      socket.destroy();
    });
  }

  async #serve(socket: Socket): Promise<void> {
    const incoming = lines(socket);
    const first = await incoming.next();
    if (first.done === true) return;
    const request = requestSchema.parse(JSON.parse(first.value));
    if (this.setUp.signal.aborted) {
      socket.destroy(); // told to end: whoever asks will find our successor
      return;
    }
    if (request.kind === 'lease') {
      await this.#lease(request, socket);
      this.#markServed();
      return; // the connection stays: it is the lease
    }
    if (request.kind === 'private') {
      await this.#private(request, socket, incoming);
      return;
    }
    await this.#answer(request, socket);
    this.#markServed();
    socket.end();
  }

  async #lease(request: Extract<Request, { kind: 'lease' }>, socket: Socket): Promise<void> {
    const holder = this.#holder(request, socket);
    const release = (): void => {
      for (const slot of this.#slots.values()) slot.release(holder, request.keepWarmMs);
      this.#endIfUnused();
    };
    socket.once('close', release);
    await this.#acquire(request.services, holder, {}, socket);
    if (socket.destroyed) release(); // it closed before a slot that failed to start let go of it
  }

  /** The connection is the server's life, as it is a lease's. What comes on it is done to the server. */
  async #private(
    request: Extract<Request, { kind: 'private' }>,
    socket: Socket,
    incoming: AsyncIterable<string>,
  ): Promise<void> {
    const gone = new AbortController();
    socket.once('close', () => {
      gone.abort();
    });
    const { service } = request.start;
    const stillThere = this.#repeat(stillThereMs, () => {
      this.#send(socket, { kind: 'progress', service, message: 'still being started' });
    });
    await this.#privates.serve(request, incoming, gone.signal, (reply) => {
      stillThere.cancel();
      this.#send(socket, reply);
      this.#markServed();
    });
    stillThere.cancel();
    socket.end();
    this.#endIfUnused();
  }

  async #answer(request: Exclude<Request, { kind: 'lease' | 'private' }>, socket: Socket): Promise<void> {
    const { folders, version } = this.setUp;
    switch (request.kind) {
      case 'status': {
        const services = this.#statuses();
        this.#send(socket, {
          kind: 'status',
          status: { pid: process.pid, version, workspace: folders.workspace, services },
        });
        return;
      }
      case 'pin':
        await this.#pin(request, socket);
        return;
      case 'down': {
        const before = this.#statuses().filter(({ phase }) => phase !== 'stopped');
        await this.#down(request.force);
        const inUse = this.#statuses().filter(({ phase }) => phase !== 'stopped');
        const stopped = before
          .map(({ service }) => service)
          .filter((name) => !inUse.some(({ service }) => service === name));
        this.#send(socket, { kind: 'done', stopped, inUse });
        return;
      }
      case 'stop': {
        const inUse = this.#statuses().filter(({ pinned, holders }) => pinned || holders.length > 0);
        if (inUse.length === 0) await this.#stopAll();
        this.#send(socket, { kind: 'done', stopped: [], inUse });
        return;
      }
    }
  }

  /** A pin has no holder once it stands: the connection may go, the service stays. */
  async #pin(request: Extract<Request, { kind: 'pin' }>, socket: Socket): Promise<void> {
    const holder = this.#holder(request, socket);
    const held = await this.#acquire(request.services, holder, request.ports, socket);
    for (const slot of held) {
      slot.pin();
      slot.release(holder, 0);
    }
    this.#send(socket, { kind: 'done', stopped: [], inUse: [] });
  }

  #holder({ holder: name }: { readonly holder: string }, socket: Socket): Holder {
    return {
      name,
      onProgress: (service, message) => {
        this.#send(socket, { kind: 'progress', service, message });
      },
    };
  }

  #slot(start: ServiceStart): ServiceSlot {
    const { service, provider } = start;
    const key = JSON.stringify([service, provider, Object.entries(start.variables).toSorted()]);
    const found = this.#slots.get(key);
    if (found !== undefined) return found;
    const onStopped = (reason: string): void => {
      this.setUp.log(`${service} (${provider}) stopped: ${reason}`);
      this.#endIfUnused();
    };
    const starter = starterOf(start, { ...this.setUp, cleared: this.leftoversRemoved }, this.#ledger);
    if (provider === 'docker') this.#sweepContainers(withEngineOf(start.variables, this.setUp.host));
    const slot = new ServiceSlot(start, starter, this.setUp.clock, onStopped);
    this.#slots.set(key, slot);
    return slot;
  }

  /** Once on each engine that is used: what a reboot left, of which no state file tells any more. */
  #sweepContainers(host: Host): void {
    const engine = JSON.stringify(engineVariablesOf(host.environment));
    if (this.#sweptEngines.has(engine)) return;
    this.#sweptEngines.add(engine);
    const { log } = this.setUp;
    void this.served
      .then(() => removeOrphans(host, AbortSignal.timeout(sweepContainersMs)))
      .then((names) => {
        for (const name of names) log(`removed ${name}, which a killed supervisor had left`);
      })
      .catch((error: unknown) => {
        log(`sweeping containers: ${String(error)}`);
      });
  }

  async #acquire(
    starts: readonly ServiceStart[],
    holder: Holder,
    ports: Readonly<Record<ServiceName, number>>,
    socket: Socket,
  ): Promise<ServiceSlot[]> {
    const portsByService = new Map(Object.entries(ports));
    const held = await Promise.all(
      starts.map(async (start) => {
        const slot = this.#slot(start);
        const stillThere = this.#repeat(stillThereMs, () => {
          this.#send(socket, { kind: 'progress', service: start.service, message: 'still being started' });
        });
        try {
          const offer = await slot.acquire(holder, portsByService.get(start.service));
          this.#send(socket, { kind: 'ready', offer });
          return slot;
        } catch (error) {
          this.#send(socket, { kind: 'failed', failure: reportOf(start.service, error) });
          return undefined;
        } finally {
          stillThere.cancel();
        }
      }),
    );
    return held.filter((slot) => slot !== undefined);
  }

  #repeat(ms: number, action: () => void): { cancel(): void } {
    let timer = this.setUp.clock.schedule(ms, again);
    const { clock } = this.setUp;
    function again(): void {
      action();
      timer = clock.schedule(ms, again);
    }
    return {
      cancel: () => {
        timer.cancel();
      },
    };
  }

  async #down(force: boolean): Promise<void> {
    const slots = [...this.#slots.values()];
    for (const slot of slots) slot.unpin();
    await Promise.all([
      ...slots.filter((slot) => force || !slot.isUsed).map((slot) => slot.stop()),
      ...(force ? [this.#privates.stopAll()] : []),
    ]);
  }

  async #stopAll(): Promise<void> {
    await Promise.all([...[...this.#slots.values()].map((slot) => slot.stop()), this.#privates.stopAll()]);
  }

  #statuses(): ServiceStatus[] {
    return [...[...this.#slots.values()].map((slot) => slot.status()), ...this.#privates.statuses()];
  }

  #send(socket: Socket, reply: Reply): void {
    if (socket.writable) socket.write(encode(reply));
  }

  #endIfUnused(): void {
    const slots = [...this.#slots.values()];
    if (this.#connections.size > 0 || this.#privates.areThere) return;
    if (slots.some((slot) => slot.isUsed || !slot.isStopped)) return;
    this.#close();
  }

  #close(): void {
    this.#firstClientTimer.cancel();
    this.#server.close();
    for (const socket of this.#connections) socket.destroy();
    this.#markServed();
    this.#end();
  }
}
