import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';

const counts = z.array(z.number().int().min(0)).readonly();
const schema = z.strictObject({
  scenario: z.strictObject({
    seed: z.number().int(),
    clients: z.number().int().positive(),
    callsPerSecond: z.number().positive(),
    capacity: z.number().positive(),
    maxQueueMs: z.number().positive(),
    outage: z.strictObject({ from: z.number().int(), until: z.number().int() }),
    end: z.number().int(),
  }),
  /** The course of each variant, in the order of the table. */
  courses: z.record(z.string(), z.strictObject({ calls: counts, succeeded: counts, attempts: counts })),
});

/** A simulated storm, as `results/storm.json` holds it. */
export type Storm = z.infer<typeof schema>;

export const stormFile = new URL('../../results/storm.json', import.meta.url);

/** @throws if there is no such result, or one that this version did not write. */
export function readStorm(): Storm {
  return schema.parse(JSON.parse(readFileSync(stormFile, 'utf8')));
}

export function writeStorm(storm: Storm): void {
  writeFileSync(stormFile, `${JSON.stringify(storm)}\n`);
}
