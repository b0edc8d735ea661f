import type { ObjectStoreEndpoint } from '@sqlflow/service-runtime';
import type { Client } from 'minio';
import { endpointOf } from '../endpoints.js';
import { keepsFailed, keepsLeases, nowMs, recordEvent, stopwatch } from '../events.js';
import { arrangeTheEnd } from './at-the-end.js';
import { removeBucket, uploadsIn } from './empty-bucket.js';
import { LeaseEnd } from './lease-end.js';
import { checkLeaseOptions, type LeakOption, type LeaseOptions } from './lease-options.js';
import { judgeHere } from './leftover.js';
import { bucketLine } from './look-at.js';
import { Once } from './once.js';
import { newLeaseName } from './owner.js';
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
  const { signal, leaks = 'fail' } = checkLeaseOptions(options, ['signal', 'leaks']);
  signal?.throwIfAborted();
  const tookMs = stopwatch();
  const endpoint = endpointOf('object-store');
  arrangeTheEnd();
  const name = newLeaseName(await thisProcess(), '-', nowMs(), keepsLeases() || keepsFailed());
  const store = await StoreConnection.to(endpoint);
  try {
    if (sweeps.isFirst(store.where)) await sweepBuckets(endpoint);
    await store.run('leasing a bucket', createTimeoutMs, () =>
      store.client.makeBucket(name, endpoint.region),
    );
    // Looked at only now, so that there is no doubt about what is there to be removed.
    signal?.throwIfAborted();
    recordEvent({ event: 'lease-taken', kind: 'bucket', name, tookMs: tookMs() });
    return new Lease(name, endpoint, store, leaks);
  } catch (error) {
    await remove(store, name, withdrawTimeoutMs).catch(() => undefined);
    store[Symbol.dispose]();
    throw error;
  }
}

class Lease implements LeasedBucket {
  readonly client: Client;
  readonly #end: LeaseEnd;

  constructor(
    readonly name: string,
    readonly endpoint: ObjectStoreEndpoint,
    store: StoreConnection,
    leaks: LeakOption,
  ) {
    this.client = store.client;
    this.#end = new LeaseEnd({
      kind: 'bucket',
      name,
      leaks,
      findLeaks: () =>
        store.run(`looking for uploads in ${name}`, createTimeoutMs, (signal) =>
          leakedUploads(store.client, name, signal),
        ),
      close: () => {
        // What a test left half read or half written would hold on to the bucket.
        store[Symbol.dispose]();
        return Promise.resolve();
      },
      remove: async () => {
        using connection = await StoreConnection.to(endpoint);
        await remove(connection, name, removeTimeoutMs);
      },
      lookAt: bucketLine(endpoint, name),
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#end.giveBack();
  }
}

async function leakedUploads(client: Client, bucket: string, signal: AbortSignal): Promise<string[]> {
  const uploads = await uploadsIn(client, bucket, signal);
  return uploads.map(({ key, uploadId }) => `unfinished upload of ${JSON.stringify(key)}, id ${uploadId}`);
}

function remove(store: StoreConnection, name: string, timeoutMs: number): Promise<void> {
  return store.run(`removing bucket ${name}`, timeoutMs, (signal) =>
    removeBucket(store.client, name, signal),
  );
}

async function sweepBuckets(endpoint: ObjectStoreEndpoint): Promise<void> {
  // A connection of its own: when the sweep runs out of time it is cut.
  using store = await StoreConnection.to(endpoint);
  await sweep('object-store', await judgeHere(), {
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
