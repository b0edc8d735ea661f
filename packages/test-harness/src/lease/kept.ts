import type { Endpoints } from '@sqlflow/service-runtime';
import { type LeaseKind, recordEvent } from '../events.js';
import { removeBucketOf, bucketNames } from './bucket.js';
import { databaseNames, dropDatabaseOf } from './database.js';
import { keyspaceNames, removeKeyspaceOf } from './keyspace.js';
import { isKeptName } from './owner.js';
import { dropSchemaOf, schemaNames } from './schema.js';

/** A lease that its test has left on the server, to be looked at. */
export interface KeptLease {
  readonly kind: LeaseKind;
  readonly name: string;
}

/** Where leases are kept: of each service, or of those that there are. */
export type LeaseServers = Readonly<Partial<Endpoints>>;

/**
 * Removes a lease that was kept. Does nothing if it is gone, or if its server is not among those given.
 *
 * @throws HarnessError that says why it cannot be removed.
 */
export async function removeKept({ kind, name }: KeptLease, servers: LeaseServers): Promise<void> {
  switch (kind) {
    case 'database':
      if (servers.postgres) await dropDatabaseOf(servers.postgres, name);
      break;
    case 'schema':
      if (servers.postgres) await dropSchemaOf(servers.postgres, name);
      break;
    case 'bucket':
      if (servers['object-store']) await removeBucketOf(servers['object-store'], name);
      break;
    case 'keyspace':
      if (servers.redis) await removeKeyspaceOf(servers.redis, name);
      break;
  }
  recordEvent({ event: 'lease-returned', kind, name, tookMs: 0 });
}

/** Finds the leases that were kept on these servers, by any test of this host and boot. */
export async function findKept(servers: LeaseServers): Promise<KeptLease[]> {
  const found = await Promise.all([
    servers.postgres ? databaseNames(servers.postgres).then(asKept('database')) : [],
    servers.postgres ? schemaNames(servers.postgres).then(asKept('schema')) : [],
    servers['object-store'] ? bucketNames(servers['object-store']).then(asKept('bucket')) : [],
    servers.redis ? keyspaceNames(servers.redis).then(asKept('keyspace')) : [],
  ]);
  return found.flat();
}

function asKept(kind: LeaseKind): (names: readonly string[]) => KeptLease[] {
  return (names) => names.filter(isKeptName).map((name) => ({ kind, name }));
}
