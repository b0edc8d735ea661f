import { closeSync, openSync, readSync } from 'node:fs';
import { z } from 'zod';

/** What the harness records of a run (packages/test-harness/src/events.ts), read leniently: what is unknown is left out. */
const common = { at: z.number() };
const lease = {
  ...common,
  kind: z.enum(['database', 'schema', 'bucket', 'keyspace']),
  name: z.string(),
  tookMs: z.number().default(0),
  file: z.string().optional(),
  test: z.string().optional(),
};
const service = z.object({
  service: z.string(),
  provider: z.string(),
  version: z.string(),
  address: z.string(),
  startedInMs: z.number().optional(),
});
const runEvent = z.discriminatedUnion('event', [
  z.object({
    ...common,
    event: z.literal('services-leased'),
    holder: z.string(),
    services: z.array(service),
  }),
  z.object({
    ...common,
    event: z.literal('service-failed'),
    code: z.string(),
    service: z.string().optional(),
    summary: z.string(),
  }),
  z.object({ ...common, event: z.literal('services-returned'), holder: z.string() }),
  z.object({ ...lease, event: z.literal('lease-taken') }),
  z.object({ ...lease, event: z.literal('lease-returned') }),
  z.object({ ...lease, event: z.literal('lease-kept') }),
  z.object({ ...common, event: z.literal('run-started'), project: z.string(), files: z.number() }),
  z.object({ ...common, event: z.literal('file-started'), project: z.string(), file: z.string() }),
  z.object({
    ...common,
    event: z.literal('test-ended'),
    project: z.string(),
    file: z.string(),
    name: z.string(),
    status: z.string(),
    tookMs: z.number(),
  }),
  z.object({
    ...common,
    event: z.literal('file-ended'),
    project: z.string(),
    file: z.string(),
    failed: z.number(),
  }),
  z.object({ ...common, event: z.literal('run-ended'), project: z.string() }),
  /** Something broken on purpose. */
  z.object({ ...common, event: z.literal('fault'), kind: z.string(), detail: z.string().optional() }),
]);

export type RunEvent = z.infer<typeof runEvent>;
export type LeaseEvent = Extract<RunEvent, { event: 'lease-taken' | 'lease-returned' | 'lease-kept' }>;

/** One line of the file. @returns `undefined` for one that is no event that we know. */
export function parseEvent(line: string): RunEvent | undefined {
  try {
    return runEvent.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

/** Reads a file of events as it grows. A last line that is not whole is left for the next reading. */
export class EventReader {
  #position = 0;
  #rest = Buffer.alloc(0);

  constructor(private readonly file: string) {}

  /** What has come since the last call, in the order of the file. Nothing if there is no file yet. */
  readNew(): RunEvent[] {
    const bytes = Buffer.concat([this.#rest, readFrom(this.file, this.#position)]);
    this.#position += bytes.length - this.#rest.length;
    const end = bytes.lastIndexOf(10) + 1;
    this.#rest = bytes.subarray(end);
    const lines = bytes.subarray(0, end).toString('utf8').split('\n');
    return lines.flatMap((line) => parseEvent(line) ?? []);
  }
}

const chunkBytes = 1024 * 1024;

/** Everything from `position` on; empty if the file is not there. */
export function readFrom(file: string, position: number): Buffer {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch {
    return Buffer.alloc(0);
  }
  try {
    const chunks: Buffer[] = [];
    for (let at = position; ;) {
      const chunk = Buffer.alloc(chunkBytes);
      const read = readSync(descriptor, chunk, 0, chunkBytes, at);
      if (read === 0) return Buffer.concat(chunks);
      chunks.push(chunk.subarray(0, read));
      at += read;
    }
  } finally {
    closeSync(descriptor);
  }
}
