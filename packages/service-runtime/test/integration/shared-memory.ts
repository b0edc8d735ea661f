import { readFileSync } from 'node:fs';

/** The System V segments of everybody that no process is attached to: what a killed PostgreSQL leaves. */
export function sharedMemory(): string[] {
  const [, ...rows] = readFileSync('/proc/sysvipc/shm', 'latin1').trimEnd().split('\n');
  return rows
    .filter((row) => row.trim().split(/\s+/)[6] === '0')
    .map((row) => row.trim().split(/\s+/).slice(0, 2).join(' '));
}
