import type { ObjectStoreEndpoint } from '../endpoint.js';
import type { Probe } from '../until-ready.js';
import { notS3, ObjectStoreRefusal, requestObjectStore } from './object-store-request.js';

/** A signed ListBuckets: proves that the store answers S3, knows the key and checks the signature. */
export const probeObjectStore: Probe<ObjectStoreEndpoint> = async (endpoint, signal) => {
  const { status, body, server } = await requestObjectStore(endpoint, 'GET', '/', signal);
  if (!body.includes('ListAllMyBucketsResult')) throw new ObjectStoreRefusal(status, notS3);
  return server === undefined ? 'S3' : `S3 (${server})`;
};
