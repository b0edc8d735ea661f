import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { endSignals } from '../process/owned-process.js';

/**
 * What a supervisor writes down so that the next one can clear up after it: every process before it executes its
 * program, and where the data is. It holds no secret, and is readable by its owner only all the same.
 */
const stateSchema = z.object({
  dataFolder: z.string(),
  processes: z.array(
    z.object({
      pid: z.number().int().positive(),
      startedAt: z.string(),
      bootId: z.string(),
      endSignal: z.enum(endSignals),
    }),
  ),
  /** Of Docker Compose: everything that was made for them carries their names. */
  projects: z.array(z.string()).default([]),
});

export type SupervisorState = z.infer<typeof stateSchema>;

/** Replaces the file in one step: a reader sees the old text or the new one, never half. */
export function writeState(path: string, state: SupervisorState): void {
  const draft = `${path}.draft`;
  writeFileSync(draft, JSON.stringify(state), { mode: 0o600 });
  renameSync(draft, path);
}

/** @returns `undefined` for a file that is missing or that is no such state: then nothing is known, and nothing done. */
export function readState(path: string): SupervisorState | undefined {
  try {
    return stateSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}
