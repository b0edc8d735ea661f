import { join } from 'node:path';
import type { Clock } from '../clock.js';
import { ServiceFailure } from '../failure/service-failure.js';
import type { Host } from '../host.js';
import type { ServiceDefinition } from '../service/service-definition.js';
import type { ServiceName } from '../service/service-name.js';
import type { RuntimeFolders } from '../workspace/runtime-folders.js';
import { PrivateLocalServer } from './private-local-server.js';
import { type BreakableServer, PrivateServer } from './private-server.js';
import type { ProcessLedger } from './process-ledger.js';
import { privateRequestSchema, type Reply, type Request, type ServiceStatus } from './protocol.js';
import { reportOf } from './report-of.js';

export interface PrivateSurroundings {
  readonly folders: RuntimeFolders;
  readonly load: (service: ServiceName) => Promise<ServiceDefinition>;
  readonly ledger: ProcessLedger;
  readonly host: Host;
  readonly clock: Clock;
  readonly log: (line: string) => void;
}

type StartRequest = Extract<Request, { kind: 'private' }>;

/** The servers of a workspace that one holder each has alone. */
export class PrivateServers {
  readonly #servers = new Map<
    PrivateServer,
    { readonly number: number; readonly stop: () => Promise<void> }
  >();

  constructor(private readonly surroundings: PrivateSurroundings) {}

  /** Whether there are any, be it that their end is not complete. */
  get areThere(): boolean {
    return this.#servers.size > 0;
  }

  statuses(): ServiceStatus[] {
    return [...this.#servers.keys()].map((server) => server.status());
  }

  /** Never rejects. */
  async stopAll(): Promise<void> {
    await Promise.all([...this.#servers.values()].map(({ stop }) => stop()));
  }

  /**
   * Starts one, does to it what `incoming` asks for, and resolves when it is gone: when `gone` aborts, or when it was
   * stopped, or could not be started. Never rejects.
   */
  async serve(
    request: StartRequest,
    incoming: AsyncIterable<string>,
    gone: AbortSignal,
    reply: (message: Reply) => void,
  ): Promise<void> {
    const { service } = request.start;
    try {
      await using held = await this.#hold(request, gone);
      reply({ kind: 'ready', offer: await held.server.start() });
      for await (const line of incoming) {
        const asked = privateRequestSchema.parse(JSON.parse(line));
        if (asked.kind === 'end') break;
        await held.server.fault(asked.fault).then(
          (phase) => {
            reply({ kind: 'phase', phase });
          },
          (error: unknown) => {
            reply({ kind: 'failed', failure: reportOf(service, error, `did not ${asked.fault}`) });
          },
        );
      }
    } catch (error) {
      reply({ kind: 'failed', failure: reportOf(service, error) });
      return;
    }
    reply({ kind: 'phase', phase: 'stopped' });
  }

  async #hold(
    { start, holder, limits }: StartRequest,
    gone: AbortSignal,
  ): Promise<AsyncDisposable & { readonly server: PrivateServer }> {
    const { folders, load, clock, log } = this.surroundings;
    if (start.provider === 'docker') throw onlyLocal(start.service);
    const definition = await load(start.service);
    const number = this.#freeNumber(); // nothing is awaited until it is taken
    const logFile = join(folders.logs, `${start.service}-private-${String(number)}.log`);
    const breakable: BreakableServer = new PrivateLocalServer(definition, limits, {
      ...this.surroundings,
      logFile,
    });
    const server = new PrivateServer(start, holder, breakable, clock);
    const stop = async (): Promise<void> => {
      try {
        await server.stop();
      } catch (error) {
        // What is left is swept with the folders; the other services must not go down with this one.
        log(`clearing up a private server of ${start.service}: ${String(error)}`);
      }
      this.#servers.delete(server);
    };
    this.#servers.set(server, { number, stop });
    if (gone.aborted) await stop();
    gone.addEventListener('abort', () => void stop());
    return { server, [Symbol.asyncDispose]: stop };
  }

  /** For the log's name: logs are kept, and there shall not be more of them than there were servers at once. */
  #freeNumber(): number {
    const taken = [...this.#servers.values()].map(({ number }) => number);
    let free = 1;
    while (taken.includes(free)) free++;
    return free;
  }
}

function onlyLocal(service: ServiceName): ServiceFailure {
  return new ServiceFailure({
    code: 'FAULT_NOT_SUPPORTED',
    service,
    summary: `A private server of ${service} can only be had from local processes.`,
    evidence: ['the provider that was chosen is docker'],
    next: ['Set SERVICES_PROVIDER=local, or install its programs: npx nx run services:install'],
  });
}
