import { Agent } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import type { ObjectStoreEndpoint } from '@sqlflow/service-runtime';
import type { Client } from 'minio';
import { within } from '../deadline.js';
import { explain, objectStoreCodes } from './explain.js';
import { loadOnce } from './load-once.js';

const loadMinio = loadOnce(() => import('minio'));

/** A client of an S3 store, whose requests can be cut: the client itself knows neither deadline nor abort. */
export class StoreConnection implements Disposable {
  private constructor(
    readonly client: Client,
    readonly where: string,
    private readonly agent: Agent,
  ) {}

  static async to(endpoint: ObjectStoreEndpoint): Promise<StoreConnection> {
    const { host, port, useTls, region, accessKey, secretKey } = endpoint;
    // Loaded when it is needed: 0.2 s in every test file that Jest loads, those without a bucket included.
    const { Client } = await loadMinio();
    const agent = useTls ? new TlsAgent({ keepAlive: true }) : new Agent({ keepAlive: true });
    const at = { endPoint: host, port, useSSL: useTls, pathStyle: true, transportAgent: agent };
    const client = new Client({ ...at, region, accessKey, secretKey });
    return new StoreConnection(client, `object-store at ${host}:${String(port)}`, agent);
  }

  /** @throws HarnessError that says what `doing` came to; after a `timeout` no request of this connection runs on. */
  async run<T>(doing: string, ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    try {
      return await within({ what: `${doing} on ${this.where}`, ms }, (signal) => {
        signal.addEventListener('abort', () => {
          this[Symbol.dispose]();
        });
        return work(signal);
      });
    } catch (error) {
      throw explain(error, { doing, where: this.where, codes: objectStoreCodes });
    }
  }

  /** Ends its connections, the busy ones included. */
  [Symbol.dispose](): void {
    this.agent.destroy();
  }
}
