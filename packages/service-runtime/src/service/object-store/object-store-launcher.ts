import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ServiceFailure } from '../../failure/service-failure.js';
import type { Host } from '../../host.js';
import { freePort, isPortFree } from '../../network/ports.js';
import { findProgram } from '../../process/find-program.js';
import { type OwnedProcess, startOwnedProcess } from '../../process/owned-process.js';
import { runToEnd, type ToolCommand, type ToolResult } from '../../process/run-to-end.js';
import { launchFailure, missingBinary, portTaken } from '../launch-failure.js';
import { choosePort, isExplicit } from '../launch-server.js';
import type { ObjectStoreEndpoint } from '../endpoint.js';
import { type LaunchContext, type RunningService, runningService } from '../running-service.js';
import type { LocalLauncher } from '../service-definition.js';
import { type Probe, untilReady } from '../until-ready.js';
import { cephConfig } from './ceph-config.js';
import { probeObjectStore } from './object-store-probe.js';
import { requestObjectStore } from './object-store-request.js';

/** The account of the guide. It is no secret: the store listens on loopback only and its data is thrown away. */
const account = { region: 'us-east-1', accessKey: 'minioadmin', secretKey: 'minioadmin' };

/** Debian's interpreter, since python3-rados is built for it; another one on PATH would not find the module. */
const python = '/usr/bin/python3';
const bootstrap = fileURLToPath(new URL('../../../assets/ceph-bootstrap.py', import.meta.url));

type Programs = Readonly<
  Record<'radosgw' | 'radosgw-admin' | 'ceph-mon' | 'ceph-osd' | 'monmaptool', string>
>;

/** As for the other servers, a lost port cannot be told from the rest afterwards; each attempt takes a second. */
const attempts = 2;

/**
 * How long an attempt may take: 1 s is usual, and half a minute is there for both. Beside much other work one was seen to
 * wait for ever, with no server ended; why is not known, and the next one came about.
 */
const attemptWithinMs = 14_000;

const standardPort = 9000;

/** Ceph's RADOS gateway: a real S3 store from Debian's packages. */
export const objectStoreLauncher: LocalLauncher<ObjectStoreEndpoint> = {
  locate: (host) => locatePrograms(host).radosgw,

  cannot: {
    restart: 'it keeps its data in the memory of its processes, and that ends with them',
    dataBytes: 'it keeps its data in memory, and not in its data folder',
    maxConnections: 'its gateway has no such limit',
  },

  async launch(context) {
    const found = locatePrograms(context.host);
    for (let attempt = 1; ; attempt++) {
      const asked = attempt === 1 || isExplicit(context.port) ? context.port : 0;
      const gatewayPort = await choosePort(standardPort, asked, 'object-store');
      const late = new AbortController();
      const limit = context.clock.schedule(attemptWithinMs, () => {
        late.abort(new Error(`an attempt has ${String(attemptWithinMs / 1000)} s`));
      });
      const limited = { ...context, signal: AbortSignal.any([context.signal, late.signal]) };
      const cluster = new StartingCluster(found, gatewayPort, await freePort(), attempt, limited);
      try {
        return await cluster.start();
      } catch (error) {
        await cluster.end();
        context.signal.throwIfAborted();
        if (isExplicit(context.port) && !late.signal.aborted) {
          throw (await isPortFree(gatewayPort)) ? error : portTaken('object-store', gatewayPort);
        }
        if (attempt === attempts) throw error;
      } finally {
        limit.cancel();
      }
    }
  },
};

/** Every store of ours has the same account: only the name that the account has in it tells one from another. */
function probeOwn(clusterId: string): Probe<ObjectStoreEndpoint> {
  return async (endpoint, signal) => {
    const { body } = await requestObjectStore(endpoint, 'GET', '/', signal);
    if (!body.includes(clusterId)) throw new Error('another object store answers on this port');
    return probeObjectStore(endpoint, signal);
  };
}

function locatePrograms(host: Host): Programs {
  const find = (name: string): string => {
    const path = findProgram(name, host.programFolders);
    if (path === undefined) throw missingBinary('object-store', name);
    return path;
  };
  return {
    radosgw: find('radosgw'),
    'radosgw-admin': find('radosgw-admin'),
    'ceph-mon': find('ceph-mon'),
    'ceph-osd': find('ceph-osd'),
    monmaptool: find('monmaptool'),
  };
}

/** One attempt. What it started is ended by `end`, however far it came. */
class StartingCluster {
  readonly #folder: string;
  readonly #servers: OwnedProcess[] = [];
  /** Aborts when one of the servers has ended: what asks it would wait for it as long as it may. */
  readonly #lost = new AbortController();

  constructor(
    private readonly found: Programs,
    private readonly gatewayPort: number,
    private readonly monitorPort: number,
    attempt: number,
    private readonly context: LaunchContext,
  ) {
    this.#folder = join(context.dataFolder, `attempt-${String(attempt)}`);
  }

  /** The monitor, the OSD's first look at its folder, and Python's at its modules go on side by side. */
  async start(): Promise<RunningService<ObjectStoreEndpoint>> {
    const clusterId = randomUUID();
    const osdId = randomUUID();
    this.#layOut(clusterId);
    const osdPrepared = this.#tool('ceph-osd', ['--no-mon-config', '--mkfs', '-i', '0', '--osd-uuid', osdId]);
    osdPrepared.catch(() => undefined); // it may fail before it is waited for, or the wait may never come
    const monitorMap = join(this.#folder, 'monmap');
    const address = `[v2:127.0.0.1:${String(this.monitorPort)}/0]`;
    await this.#tool('monmaptool', ['--create', '--fsid', clusterId, '--addv', 'a', address, monitorMap]);
    await this.#tool('ceph-mon', ['--mkfs', '-i', 'a', '--monmap', monitorMap]);
    this.#server('ceph-mon', ['-f', '-i', 'a']);
    // On standard input: the servers' account may not be allowed into the folder where this package is installed.
    const input = readFileSync(bootstrap, 'utf8');
    const poolsMade = this.#run({ file: python, args: ['-', this.#config, osdId, '30'], input });
    poolsMade.catch(() => undefined);
    await osdPrepared;
    this.#server('ceph-osd', ['-f', '-i', '0']);
    await poolsMade;
    const gateway = this.#server('radosgw', ['-f', '-n', 'client.rgw']);
    await this.#makeUser(clusterId);
    const endpoint = { host: '127.0.0.1', port: this.gatewayPort, useTls: false, ...account };
    const { clock, signal } = this.context;
    const readiness = await untilReady(probeOwn(clusterId), endpoint, this.#servers, clock, signal);
    if (readiness.ready) return runningService(endpoint, readiness.version, this.#servers);
    throw launchFailure(
      'object-store',
      this.context,
      readiness.lastError,
      readiness.ended ?? gateway,
      readiness.ended !== undefined,
    );
  }

  async end(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.end()));
  }

  get #config(): string {
    return join(this.#folder, 'ceph.conf');
  }

  #layOut(clusterId: string): void {
    const { gatewayPort, monitorPort } = this;
    for (const part of ['', 'mon', 'osd', 'run', 'rgw']) {
      mkdirSync(join(this.#folder, part), { recursive: true });
      // The servers' account writes here; nobody else gets this far, the data folder above is closed.
      chmodSync(join(this.#folder, part), 0o777);
    }
    writeFileSync(join(this.#folder, 'keyring'), '');
    writeFileSync(this.#config, cephConfig({ folder: this.#folder, clusterId, monitorPort, gatewayPort }));
  }

  /** Given to the gateway as a document on standard input: an argument could be read in the list of processes. */
  async #makeUser(clusterId: string): Promise<void> {
    const user = {
      key: 'user:sqlflow',
      ver: { tag: 'sqlflow', ver: 1 },
      mtime: '2026-01-01T00:00:00.000000Z',
      data: {
        user_id: 'sqlflow',
        display_name: clusterId,
        email: '',
        suspended: 0,
        max_buckets: 100_000,
        keys: [{ user: 'sqlflow', access_key: account.accessKey, secret_key: account.secretKey }],
        op_mask: 'read, write, delete', // without it the user may do nothing
        type: 'rgw',
      },
    };
    await this.#tool(
      'radosgw-admin',
      ['-n', 'client.admin', 'metadata', 'put', user.key],
      JSON.stringify(user),
    );
  }

  #server(program: keyof Programs, args: readonly string[]): OwnedProcess {
    const { host, clock, logFile, record } = this.context;
    const command = {
      file: this.found[program],
      args: [...args, '-c', this.#config],
      logFile,
      endSignal: 'SIGKILL',
    } as const;
    const server = startOwnedProcess(command, host, clock, record);
    this.#servers.push(server);
    void server.exited.then(() => {
      this.#lost.abort();
    });
    return server;
  }

  #tool(program: keyof Programs, args: readonly string[], input?: string): Promise<void> {
    const withConfig = program === 'monmaptool' ? args : [...args, '-c', this.#config];
    return this.#run({ file: this.found[program], args: withConfig, ...(input !== undefined && { input }) });
  }

  async #run(command: ToolCommand): Promise<void> {
    const result = await this.#runToEnd(command);
    if (result.exitCode === 0) return;
    throw new ServiceFailure({
      code: 'SERVICE_DIED',
      service: 'object-store',
      summary: `${command.file} failed while the object store was being prepared.`,
      evidence: [`exit code ${String(result.exitCode)}`, ...result.complaint.trimEnd().split('\n').slice(-8)],
      next: [`Read the store's log: ${this.context.logFile}`, 'npx nx run services:doctor'],
    });
  }

  async #runToEnd(command: ToolCommand): Promise<ToolResult> {
    const { host, signal } = this.context;
    try {
      return await runToEnd(command, host, AbortSignal.any([signal, this.#lost.signal]));
    } catch (error) {
      const lost = this.#servers.find((server) => server.exitStatus() !== undefined);
      if (lost === undefined && !signal.aborted) throw error;
      const waitedFor = new Error(`${basename(command.file)} has not ended`);
      throw launchFailure('object-store', this.context, waitedFor, lost, lost !== undefined);
    }
  }
}
