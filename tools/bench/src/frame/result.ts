import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { units } from './units.js';

const figure = z.number().min(0);

const resultSchema = z.strictObject({
  name: z.string(),
  /** When it was begun, ISO 8601 in UTC. */
  date: z.iso.datetime(),
  machine: z.string(),
  /** Without the warm-up. */
  rounds: z.number().int().positive(),
  /** In the order of the table. A name has two parts, `group: what exactly`; a ratio is to the first of its group. */
  contenders: z.record(
    z.string(),
    z.strictObject({
      unit: z.enum(units),
      median: figure,
      min: figure,
      max: figure,
      peakRssMb: z.number().positive().exactOptional(),
      rows: z.number().int().min(0).exactOptional(),
    }),
  ),
  /** Each has `atMost` or `atLeast`, in the same unit. A ratio's unit is `times`. */
  goals: z.array(
    z.strictObject({
      what: z.string(),
      value: z.number(),
      unit: z.enum(units),
      atMost: z.number().exactOptional(),
      atLeast: z.number().exactOptional(),
      met: z.boolean(),
    }),
  ),
});

/** A benchmark's run, as `results/<name>.json` holds it. */
export type Result = z.infer<typeof resultSchema>;
export type Goal = Result['goals'][number];

/** @throws if there is no such result, or one that this version did not write. */
export function readResult(name: string): Result {
  return resultSchema.parse(JSON.parse(readFileSync(resultFile(name), 'utf8')));
}

/** @returns the file's path. */
export function writeResult(result: Result): string {
  const file = resultFile(result.name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(resultSchema.parse(result), null, 2)}\n`);
  return file;
}

function resultFile(name: string): string {
  return fileURLToPath(new URL(`../../results/${name}.json`, import.meta.url));
}
