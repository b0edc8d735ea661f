import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import type { Clock } from '../clock.js';
import { ServiceFailure, type ServiceFailureReport } from '../failure/service-failure.js';
import type { Host } from '../host.js';
import { tryLock } from '../process/file-lock.js';
import type { LocalLauncher } from '../service/running-service.js';
import { type ServiceName, serviceNames } from '../service/service-name.js';
import { makeControlFolder, removeFolders, type RuntimeFolders } from '../workspace/runtime-folders.js';
import { lines } from './lines.js';
import { ProcessLedger } from './process-ledger.js';
import { encode, type Reply, type Request, requestSchema } from './protocol.js';
import { type Holder, ServiceSlot } from './service-slot.js';
import { startLocal } from './start-local.js';
import { sweepDead, sweepOwn } from './sweep.js';

export interface SupervisorSetUp {
  readonly folders: RuntimeFolders;
  readonly launchers: readonly LocalLauncher[];
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
  await sweepOwn(folders, clock);
  removeLeftovers(folders);
  const supervisor = new Supervisor(setUp);
  await supervisor.listen();
  // Another workspace's leftovers can wait until whoever started us has been served.
  await supervisor.served;
  await sweepDead(folders, host, clock).catch((error: unknown) => {
    setUp.log(`sweeping other workspaces: ${String(error)}`);
  });
  await supervisor.ended;
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
  #end: () => void = () => undefined;
  #markServed: () => void = () => undefined;
  readonly #server: Server;
  readonly #slots: ReadonlyMap<ServiceName, ServiceSlot>;
  readonly #connections = new Set<Socket>();
  readonly #firstClientTimer: { cancel(): void };

  constructor(private readonly setUp: SupervisorSetUp) {
    const { folders, host, clock, log } = setUp;
    const ledger = new ProcessLedger(folders);
    this.#slots = new Map(
      setUp.launchers.map((launcher) => {
        const onStopped = (reason: string): void => {
          log(`${launcher.service} stopped: ${reason}`);
          this.#endIfUnused();
        };
        const start = startLocal(launcher, folders, ledger, host, clock);
        return [launcher.service, new ServiceSlot(launcher.service, start, clock, onStopped)];
      }),
    );
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.served = new Promise((resolve) => {
      this.#markServed = resolve;
    });
    this.#server = createServer((socket) => {
      this.#accept(socket);
    });
    this.#firstClientTimer = clock.schedule(firstClientMs, () => {
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
    const first = await lines(socket).next();
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
    await this.#answer(request, socket);
    this.#markServed();
    socket.end();
  }

  async #lease(request: Extract<Request, { kind: 'lease' }>, socket: Socket): Promise<void> {
    const holder: Holder = { name: request.holder };
    const release = (): void => {
      for (const slot of this.#slots.values()) slot.release(holder, request.keepWarmMs);
      this.#endIfUnused();
    };
    socket.once('close', release);
    await this.#acquire(request.services, holder, {}, socket);
    if (socket.destroyed) release(); // it closed before a slot that failed to start let go of it
  }

  async #answer(request: Exclude<Request, { kind: 'lease' }>, socket: Socket): Promise<void> {
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
    const holder: Holder = { name: request.holder };
    const held = await this.#acquire(request.services, holder, request.ports, socket);
    for (const slot of held) {
      slot.pin();
      slot.release(holder, 0);
    }
    this.#send(socket, { kind: 'done', stopped: [], inUse: [] });
  }

  async #acquire(
    services: readonly ServiceName[],
    holder: Holder,
    ports: Readonly<Partial<Record<ServiceName, number>>>,
    socket: Socket,
  ): Promise<ServiceSlot[]> {
    const wanted = serviceNames.filter((name) => services.includes(name));
    const held = await Promise.all(
      wanted.map(async (service) => {
        const slot = this.#slots.get(service);
        try {
          const offer = await slot?.acquire(holder, ports[service]);
          if (offer) this.#send(socket, { kind: 'ready', offer });
          return slot;
        } catch (error) {
          this.#send(socket, { kind: 'failed', failure: reportOf(service, error) });
          return undefined;
        }
      }),
    );
    return held.filter((slot) => slot !== undefined);
  }

  async #down(force: boolean): Promise<void> {
    const slots = [...this.#slots.values()];
    for (const slot of slots) slot.unpin();
    await Promise.all(slots.filter((slot) => force || !slot.isUsed).map((slot) => slot.stop()));
  }

  async #stopAll(): Promise<void> {
    await Promise.all([...this.#slots.values()].map((slot) => slot.stop()));
  }

  #statuses(): ReturnType<ServiceSlot['status']>[] {
    return [...this.#slots.values()].map((slot) => slot.status());
  }

  #send(socket: Socket, reply: Reply): void {
    if (socket.writable) socket.write(encode(reply));
  }

  #endIfUnused(): void {
    const slots = [...this.#slots.values()];
    if (this.#connections.size > 0 || slots.some((slot) => slot.isUsed || !slot.isStopped)) return;
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

function reportOf(service: ServiceName, error: unknown): ServiceFailureReport {
  if (error instanceof ServiceFailure) return error.report;
  return {
    code: 'SERVICE_NOT_READY',
    service,
    summary: `${service} could not be started.`,
    evidence: [error instanceof Error ? error.message : String(error)],
    next: ['npx nx run services:doctor'],
  };
}
