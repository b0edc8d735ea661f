import { appendFileSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readFrom } from './events.js';
import { type LogChunk, type LogLine, timedLines } from './log-lines.js';

interface Followed {
  readonly inode: number;
  readonly position: number;
}

/**
 * Copies what services log from now on. The services may have been running before, and may be started again meanwhile,
 * which puts another file in the place of theirs: it has to be read again and again, before a start takes it away.
 */
export class ServiceLogs {
  readonly #followed = new Map<string, Followed>();
  readonly #chunks = new Map<string, LogChunk[]>();

  /** @param source - The folder with a `<service>.log` each. It may come into being later. */
  constructor(
    private readonly source: string,
    private readonly target: string,
  ) {
    for (const name of logNames(source)) {
      const { ino, size } = statSync(join(source, name));
      this.#followed.set(name, { inode: ino, position: size });
    }
  }

  /** Copies what has come since the last call. */
  readNew(nowMs: number): void {
    for (const name of logNames(this.source)) {
      const path = join(this.source, name);
      const found = statSync(path, { throwIfNoEntry: false });
      if (found === undefined) continue;
      const before = this.#followed.get(name);
      const isSame = before?.inode === found.ino && found.size >= before.position;
      const position = isSame ? before.position : 0;
      const bytes = readFrom(path, position);
      this.#followed.set(name, { inode: found.ino, position: position + bytes.length });
      if (bytes.length === 0) continue;
      mkdirSync(this.target, { recursive: true });
      appendFileSync(join(this.target, name), bytes);
      const chunks = this.#chunks.get(name) ?? [];
      chunks.push({ atMs: nowMs, text: bytes.toString('utf8') });
      this.#chunks.set(name, chunks);
    }
  }

  /** All that was copied, with its time, by service. */
  lines(): ReadonlyMap<string, readonly LogLine[]> {
    return new Map(
      [...this.#chunks].map(([name, chunks]) => [name.replace(/\.log$/, ''), timedLines(chunks)]),
    );
  }
}

function logNames(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.log'))
      .sort();
  } catch {
    return [];
  }
}
