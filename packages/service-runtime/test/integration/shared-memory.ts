import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from './scratch-workspace.js';

interface Segment {
  /** Key and id, as PostgreSQL writes them into its `postmaster.pid`. */
  readonly name: string;
  readonly isAttached: boolean;
}

/** The System V segments of everybody on this machine. */
function segments(): Segment[] {
  const [, ...rows] = readFileSync('/proc/sysvipc/shm', 'latin1').trimEnd().split('\n');
  return rows.map((row) => {
    const fields = row.trim().split(/\s+/);
    return { name: fields.slice(0, 2).join(' '), isAttached: fields[6] !== '0' };
  });
}

/** Those that no process is attached to: what a killed PostgreSQL leaves. */
export function sharedMemory(): string[] {
  return segments().flatMap(({ name, isAttached }) => (isAttached ? [] : [name]));
}

/** Waits until none is left but those of `before`. Others' servers, which are killed meanwhile, leave some for a moment. */
export async function untilNoMoreThan(before: readonly string[]): Promise<void> {
  const more = (): string[] => sharedMemory().filter((segment) => !before.includes(segment));
  await until(
    () => more().length === 0,
    10_000,
    () => `shared memory is left: ${more().join('; ')}`,
  );
}

/** The segment of the PostgreSQL that runs below a data folder. */
export function segmentOf(dataFolder: string): string {
  const [file = ''] = readdirSync(dataFolder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('postmaster.pid'),
  );
  const line = readFileSync(join(dataFolder, file), 'utf8').split('\n')[6] ?? '';
  return line.trim().split(/\s+/).join(' ');
}

export function isThere(segment: string): boolean {
  return segments().some(({ name }) => name === segment);
}
