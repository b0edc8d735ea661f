import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Host, thisHost } from '../host.js';

/** A folder of one test's own, gone at its end. */
export class Scratch implements Disposable {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'rt-')));

  path(...parts: readonly string[]): string {
    return join(this.folder, ...parts);
  }

  makeFolder(...parts: readonly string[]): string {
    const path = this.path(...parts);
    mkdirSync(path, { recursive: true });
    return path;
  }

  /** @returns Its path. */
  write(name: string, text: string): string {
    const path = this.path(name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  /** A program in `sh`. @returns Its path. */
  writeProgram(name: string, script: string): string {
    const path = this.write(name, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    return path;
  }

  /** This machine, with everything that is written to or looked for inside the scratch folder, and no environment. */
  host(changes: Partial<Host> = {}): Host {
    return {
      ...thisHost(),
      serverAccount: undefined,
      temporaryFolder: this.makeFolder('tmp'),
      dataFolder: undefined,
      programFolders: [this.path('bin')],
      cacheFolder: this.path('cache'),
      environment: {},
      ...changes,
    };
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
