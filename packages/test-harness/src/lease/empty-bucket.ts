import type { Client } from 'minio';
import { pause } from '../deadline.js';
import { errorCodeOf, HarnessError } from '../harness-error.js';

/** As many as one delete request takes. */
const pageSize = 1_000;

/** A writer that has not noticed the end of its test, and another sweeper, may be at the bucket at the same time. */
const removals = 10;
const pauseMs = 20;

interface Version {
  readonly name: string;
  readonly versionId?: string;
}

/**
 * Removes a bucket with all in it: unfinished uploads, objects, their versions and delete markers.
 * Does nothing if it is gone.
 */
export async function removeBucket(client: Client, bucket: string, signal: AbortSignal): Promise<void> {
  for (let removal = 1; ; removal += 1) {
    await unlessMissing(() => abortUploads(client, bucket, signal));
    try {
      // Tried before anything is listed: most buckets are empty, or as good as, at the end of their test.
      await client.removeBucket(bucket);
      return;
    } catch (error) {
      const code = errorCodeOf(error);
      if (code === 'NoSuchBucket') return;
      if (code !== 'BucketNotEmpty' || removal === removals) throw error;
    }
    await unlessMissing(() => emptyBucket(client, bucket, signal));
    if (removal > 1) await pause(removal * pauseMs, signal);
  }
}

/** An upload in parts that nobody has completed or aborted. */
export interface Upload {
  readonly key: string;
  readonly uploadId: string;
}

export async function uploadsIn(client: Client, bucket: string, signal: AbortSignal): Promise<Upload[]> {
  const uploads: Upload[] = [];
  for await (const upload of client.listIncompleteUploads(bucket, '', true)) {
    signal.throwIfAborted();
    uploads.push(upload as Upload);
  }
  return uploads;
}

async function abortUploads(client: Client, bucket: string, signal: AbortSignal): Promise<void> {
  for (const { key, uploadId } of await uploadsIn(client, bucket, signal)) {
    signal.throwIfAborted();
    await unlessMissing(() => client.abortMultipartUpload(bucket, key, uploadId));
  }
}

async function emptyBucket(client: Client, bucket: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const versions = await firstVersions(client, bucket);
    if (versions.length === 0) return;
    await removeVersions(client, bucket, versions);
  }
}

/**
 * One page, from the start each time: the client's way from page to page does not escape the key that it goes on
 * from, and what has been removed is not listed again.
 */
async function firstVersions(client: Client, bucket: string): Promise<Version[]> {
  const versions: Version[] = [];
  for await (const item of client.listObjects(bucket, '', true, { IncludeVersion: true })) {
    const { name, versionId } = item as unknown as Version;
    versions.push({ name, ...(versionId !== undefined && { versionId }) });
    if (versions.length === pageSize) break;
  }
  return versions;
}

async function removeVersions(client: Client, bucket: string, versions: readonly Version[]): Promise<void> {
  const [odd, plain] = [
    versions.filter(isUnfitForXml),
    versions.filter((version) => !isUnfitForXml(version)),
  ];
  for (const { name, versionId } of odd) {
    await client.removeObject(bucket, name, versionId === undefined ? {} : { versionId });
  }
  if (plain.length === 0) return;
  const refusals = (await client.removeObjects(bucket, plain)) as readonly unknown[];
  const [refusal] = refusals;
  if (refusal !== undefined) {
    const said = errorTextOf(refusal);
    throw new HarnessError(
      'refused',
      `${bucket} cannot be emptied: ${String(refusals.length)} objects stay, ${said}`,
    );
  }
}

/** A delete of many names them in XML, which has no control characters, not even escaped. */
function isUnfitForXml({ name }: Version): boolean {
  return Array.from(name).some((character) => character < ' ');
}

function errorTextOf(refusal: unknown): string {
  const { Code: code, Message: message } = refusal as { Code?: string; Message?: string };
  return `${code ?? 'no code'}: ${message ?? 'no message'}`;
}

async function unlessMissing(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!['NoSuchBucket', 'NoSuchUpload', 'NoSuchKey'].includes(errorCodeOf(error) ?? '')) throw error;
  }
}
