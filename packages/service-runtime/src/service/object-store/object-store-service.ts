import { randomUUID } from 'node:crypto';
import type { ObjectStoreEndpoint } from '../endpoint.js';
import { isAboutPrivilege } from '../external/external-check.js';
import { type MissingPrivilege, requirePrivileges } from '../external/external-failure.js';
import type { ServiceDefinition } from '../service-definition.js';
import { objectStoreLauncher } from './object-store-launcher.js';
import { probeObjectStore } from './object-store-probe.js';
import { requestObjectStore } from './object-store-request.js';

export const objectStoreService: ServiceDefinition<ObjectStoreEndpoint> = {
  name: 'object-store',
  standardPort: 9000,
  local: objectStoreLauncher,
  packages: {
    debian: ['radosgw', 'ceph-mon', 'ceph-osd', 'python3-rados'],
    homebrew: [], // it has no Ceph
  },
  probe: probeObjectStore,

  endpoint: ({ host, port }, environment) => ({
    host,
    port,
    useTls: false,
    region: 'us-east-1',
    accessKey: environment['MINIO_ROOT_USER'] ?? 'minioadmin',
    secretKey: environment['MINIO_ROOT_PASSWORD'] ?? 'minioadmin',
  }),

  checkExternal: async (endpoint, signal, variable) => {
    const version = await probeObjectStore(endpoint, signal);
    requirePrivileges('object-store', variable, await missingPrivileges(endpoint, signal));
    return version;
  },
};

/** Does once, in a bucket that is nobody's, what tests do in theirs; nothing of it stays. */
async function missingPrivileges(
  endpoint: ObjectStoreEndpoint,
  signal: AbortSignal,
): Promise<MissingPrivilege[]> {
  const bucket = `/sqlflow-check-${randomUUID()}`;
  const steps = [
    ['PUT', bucket, 's3:CreateBucket'],
    ['PUT', `${bucket}/object`, 's3:PutObject'],
    ['DELETE', `${bucket}/object`, 's3:DeleteObject'],
    ['DELETE', bucket, 's3:DeleteBucket'],
  ] as const;
  const left = (privilege: string): string =>
    privilege === 's3:DeleteBucket' ? `; the bucket ${bucket.slice(1)} stays` : '';
  const missing: string[] = [];
  for (const [method, path, privilege] of steps) {
    try {
      await requestObjectStore(endpoint, method, path, signal);
    } catch (error) {
      if (!isAboutPrivilege(error)) throw error;
      missing.push(privilege);
      if (privilege === 's3:CreateBucket') break; // the rest would be about a bucket that is not there
    }
  }
  return missing.map((privilege) => ({
    privilege: `access key ${endpoint.accessKey} may not ${privilege}${left(privilege)}`,
    remedy: `a policy that allows ${privilege}`,
  }));
}
