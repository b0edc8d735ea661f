import type { ObjectStoreEndpoint } from '@sqlflow/service-runtime';
import type { Client } from 'minio';
import { endpointOf } from '../endpoints.js';
import { keepsLeases, recordEvent, stopwatch } from '../events.js';
import { removeBucket } from './empty-bucket.js';
import { checkLeaseOptions, type LeaseOptions } from './lease-options.js';
import { Once } from './once.js';
import { newLeaseName, type Owner } from './owner.js';
import { thisProcess } from './process-identity.js';
import { StoreConnection } from './store-connection.js';
import { sweep } from './sweep.js';

/** A bucket of one's own. Disposing aborts its unfinished uploads and removes it with all in it, once. */
export interface LeasedBucket extends AsyncDisposable {
  readonly name: string;
  readonly endpoint: ObjectStoreEndpoint;
  /** Its connections end with the lease, and with them the streams that it has handed out. */
  readonly client: Client;
}

const createTimeoutMs = 15_000;
/** Long enough for some 50 000 objects. */
const removeTimeoutMs = 60_000;
const withdrawTimeoutMs = 5_000;
const sweeps = new Once();

/**
 * Creates a private bucket in the store that `TEST_S3_*` or `TEST_MINIO_*` name. The first call first removes what ended processes
 * of this host left there.
 *
 * @throws HarnessError `service-unavailable`, `authentication-failed`, `permission-denied`, `timeout`,
 * `invalid-option`, or `refused` with what the store said.
 * @throws `signal.reason` on abort; the bucket is removed then.
 */
export async function leaseBucket(options: LeaseOptions = {}): Promise<LeasedBucket> {
  const { signal } = checkLeaseOptions(options, ['signal']);
  signal?.throwIfAborted();
  const tookMs = stopwatch();
  const endpoint = endpointOf('object-store');
  const here = await thisProcess();
  const name = newLeaseName(here, '-', keepsLeases());
  const store = await StoreConnection.to(endpoint);
  try {
    if (sweeps.isFirst(store.where)) await sweepBuckets(endpoint, here);
    await store.run('leasing a bucket', createTimeoutMs, () =>
      store.client.makeBucket(name, endpoint.region),
    );
    // Looked at only now, so that there is no doubt about what is there to be removed.
    signal?.throwIfAborted();
    recordEvent({ event: 'lease-taken', kind: 'bucket', name, tookMs: tookMs() });
    return new Lease(name, endpoint, store);
  } catch (error) {
    await remove(store, name, withdrawTimeoutMs).catch(() => undefined);
    store[Symbol.dispose]();
    throw error;
  }
}

class Lease implements LeasedBucket {
  readonly client: Client;
  #disposal: Promise<void> | undefined;

  constructor(
    readonly name: string,
    readonly endpoint: ObjectStoreEndpoint,
    private readonly store: StoreConnection,
  ) {
    this.client = store.client;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposal ??= this.#dispose();
    return this.#disposal;
  }

  async #dispose(): Promise<void> {
    const tookMs = stopwatch();
    // What a test left half read or half written would hold on to the bucket.
    this.store[Symbol.dispose]();
    if (keepsLeases()) {
      recordEvent({ event: 'lease-kept', kind: 'bucket', name: this.name });
      return;
    }
    using store = await StoreConnection.to(this.endpoint);
    await remove(store, this.name, removeTimeoutMs);
    recordEvent({ event: 'lease-returned', kind: 'bucket', name: this.name, tookMs: tookMs() });
  }
}

function remove(store: StoreConnection, name: string, timeoutMs: number): Promise<void> {
  return store.run(`removing bucket ${name}`, timeoutMs, (signal) =>
    removeBucket(store.client, name, signal),
  );
}

async function sweepBuckets(endpoint: ObjectStoreEndpoint, here: Owner): Promise<void> {
  // A connection of its own: when the sweep runs out of time it is cut.
  using store = await StoreConnection.to(endpoint);
  await sweep('object-store', here, {
    names: async () => (await store.client.listBuckets()).map(({ name }) => name),
    remove: (name, signal) => removeBucket(store.client, name, signal),
  });
}

/** Removes a bucket by its name. */
export async function removeBucketOf(endpoint: ObjectStoreEndpoint, name: string): Promise<void> {
  using store = await StoreConnection.to(endpoint);
  await remove(store, name, removeTimeoutMs);
}

export async function bucketNames(endpoint: ObjectStoreEndpoint): Promise<string[]> {
  using store = await StoreConnection.to(endpoint);
  return await store.run('listing buckets', createTimeoutMs, async () =>
    (await store.client.listBuckets()).map(({ name }) => name),
  );
}
