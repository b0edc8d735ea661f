import { chownSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Clock } from '../clock.js';
import { ServiceFailure } from '../failure/service-failure.js';
import type { Host } from '../host.js';
import { freezeTree, killTree, thawTree } from '../process/freeze.js';
import { type FrozenReaper, startFrozenReaper } from '../process/frozen-reaper.js';
import { type LimitedFolder, makeLimitedFolder } from '../process/limited-folder.js';
import { type ProcessIdentity, signalIfSame } from '../process/process-identity.js';
import { removeSharedMemory } from '../process/shared-memory.js';
import { diskFull, isFull, lastLines, missingLauncher } from '../service/launch-failure.js';
import type { PrivateLaunch, RunningService, ServiceOffer } from '../service/running-service.js';
import type { LimitedAbility, LocalLauncher, ServiceDefinition } from '../service/service-definition.js';
import type { RuntimeFolders } from '../workspace/runtime-folders.js';
import type { BreakableServer } from './private-server.js';
import type { LedgerEntries, ProcessLedger } from './process-ledger.js';
import type { Phase, PrivateLimits } from './protocol.js';
import { makeServiceFolder } from './start-local.js';

export interface PrivateContext {
  readonly folders: RuntimeFolders;
  readonly ledger: ProcessLedger;
  readonly host: Host;
  readonly clock: Clock;
  readonly logFile: string;
}

/** What is stopped, and what sees to it that it does not stay so. */
interface Frozen {
  readonly identities: ProcessIdentity[];
  readonly entries: LedgerEntries;
  readonly reaper: FrozenReaper;
}

/** A private server from local processes, in a data folder of its own that outlives the server and goes with its holder. */
export class PrivateLocalServer implements BreakableServer {
  readonly #entries: LedgerEntries;
  readonly #launcher: LocalLauncher;
  #folder: string | undefined;
  #limited: LimitedFolder | undefined;
  #running: RunningService | undefined;
  #frozen: Frozen | undefined;

  /** @throws ServiceFailure `PROVIDER_NOT_AVAILABLE`; `FAULT_NOT_SUPPORTED` for limits that the service cannot have. */
  constructor(
    private readonly definition: Pick<ServiceDefinition, 'name' | 'local'>,
    private readonly limits: PrivateLimits,
    private readonly context: PrivateContext,
  ) {
    if (definition.local === undefined) throw missingLauncher(definition.name);
    this.#launcher = definition.local;
    for (const limit of ['dataBytes', 'maxConnections'] as const) {
      if (limits[limit] !== undefined) this.#require(limit, `with ${limit}`);
    }
    this.#entries = context.ledger.open();
  }

  get ended(): Promise<unknown> {
    return this.#running?.ended ?? Promise.resolve();
  }

  async start(signal: AbortSignal): Promise<ServiceOffer> {
    const { clock, logFile, folders, host } = this.context;
    const startedAt = clock.nowMs();
    const service = this.definition.name;
    this.#folder = makeServiceFolder(service, folders, host, logFile);
    const { dataBytes } = this.limits;
    if (dataBytes !== undefined) {
      makeRoomyFolder(this.#folder, host);
      const limited = { host, clock, logFile, record: this.#entries.add, signal };
      this.#limited = await makeLimitedFolder(join(this.#folder, 'limited'), dataBytes, limited);
    }
    const { endpoint, version } = await this.#launch(0, false, signal);
    const startedInMs = clock.nowMs() - startedAt;
    return { service, provider: 'local', endpoint, version, startedInMs, logFile };
  }

  async freeze(): Promise<void> {
    const entries = this.context.ledger.open();
    const reaper = startFrozenReaper();
    const identities: ProcessIdentity[] = [];
    this.#frozen = { identities, entries, reaper };
    try {
      await freezeTree(this.#pids, this.context.clock, (identity) => {
        // Both before it is stopped: whoever dies from now on, somebody knows that it has to be killed.
        entries.add(identity, 'SIGKILL');
        reaper.add(identity.pid);
        identities.push(identity);
      });
    } catch (error) {
      await this.thaw();
      throw error;
    }
  }

  thaw(): Promise<void> {
    thawTree(this.#pids);
    this.#forgetFrozen();
    return Promise.resolve();
  }

  async kill(): Promise<void> {
    await killTree(this.#pids, this.context.clock);
    await this.#running?.stop();
    // Those whose parent had ended before them are not of the tree any more.
    for (const identity of this.#frozen?.identities ?? []) signalIfSame(identity, 'SIGKILL');
    this.#forgetFrozen();
  }

  assertRestarts(): void {
    this.#require('restart', 'again after it was killed');
  }

  async restart(signal: AbortSignal): Promise<void> {
    const port = this.#running?.endpoint.port;
    if (port === undefined) throw new Error('it has never run');
    await this.#launch(port, true, signal);
  }

  async fillDisk(): Promise<void> {
    await this.#limitedFolder().fill();
  }

  async freeDisk(): Promise<void> {
    await this.#limitedFolder().free();
  }

  async clear(phase: Phase): Promise<void> {
    const { clock } = this.context;
    try {
      // What is stopped takes no signal but this one. The others end by their own, and leave nothing behind.
      if (phase === 'frozen') await this.kill();
      await this.#running?.stop();
    } finally {
      await this.#limited?.end();
      if (this.#folder !== undefined) {
        await removeSharedMemory(this.#folder, clock);
        // In this order: with the disk full, the ledger can only be written once the data is gone.
        rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
      }
      this.#entries.close();
    }
  }

  get #pids(): readonly number[] {
    return this.#running?.pids() ?? [];
  }

  async #launch(port: number, isRestart: boolean, signal: AbortSignal): Promise<RunningService> {
    const folder = this.#folder;
    if (folder === undefined) throw new Error('its folder has not been made');
    const { clock, logFile } = this.context;
    const limited = this.#limited;
    const own: PrivateLaunch = {
      isRestart,
      maxConnections: this.limits.maxConnections,
      roomyFolder: limited && roomyFolder(folder),
      seenFromOutside: limited?.seenFromOutside ?? folder,
    };
    try {
      this.#running = await this.#launcher.launch({
        ...{ host: limited?.host ?? this.context.host, clock, logFile, port, signal, private: own },
        dataFolder: limited?.path ?? folder,
        record: this.#entries.add,
      });
      return this.#running;
    } catch (error) {
      throw this.#explain(error);
    }
  }

  /** What a full disk did to it has as many names as there are servers. */
  #explain(error: unknown): unknown {
    const { name } = this.definition;
    const { dataBytes } = this.limits;
    const seen = this.#limited?.seenFromOutside ?? this.#folder;
    if (seen === undefined || !isFull(seen)) return error;
    if (dataBytes === undefined) return diskFull(name, dirname(seen), lastLines(this.context.logFile));
    return new ServiceFailure({
      code: 'DISK_FULL',
      service: name,
      summary: `The private server of ${name} could not be started with the room that is left in its data folder.`,
      evidence: [`dataBytes is ${String(dataBytes)}`, ...lastLines(this.context.logFile)],
      next: ['Give it more dataBytes: an empty PostgreSQL takes 28 MiB', 'or free what was filled.'],
    });
  }

  #forgetFrozen(): void {
    this.#frozen?.reaper.dismiss();
    this.#frozen?.entries.close();
    this.#frozen = undefined;
  }

  #limitedFolder(): LimitedFolder {
    if (this.#limited !== undefined) return this.#limited;
    const { name } = this.definition;
    throw notSupported(name, `The data folder of ${name} has no limit, so it cannot be filled.`, [
      'Start the private server with dataBytes.',
    ]);
  }

  #require(ability: LimitedAbility, how: string): void {
    const { name } = this.definition;
    const reason = this.#launcher.cannot?.[ability];
    if (reason === undefined) return;
    throw notSupported(name, `A private server of ${name} cannot be started ${how}: ${reason}.`, [
      'Leave it out, or break the connections to it instead.',
    ]);
  }
}

function notSupported(service: string, summary: string, next: readonly string[]): ServiceFailure {
  return new ServiceFailure({ code: 'FAULT_NOT_SUPPORTED', service, summary, evidence: [], next });
}

function roomyFolder(folder: string): string {
  return join(folder, 'roomy');
}

function makeRoomyFolder(folder: string, { serverAccount }: Host): void {
  const roomy = roomyFolder(folder);
  mkdirSync(roomy, { mode: 0o700 });
  if (serverAccount) chownSync(roomy, serverAccount.uid, serverAccount.gid);
}
