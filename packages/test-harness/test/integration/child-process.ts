import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { within } from '../../src/deadline.js';

/** Where nothing holds it back, a process exits in some milliseconds. */
const exitTimeoutMs = 20_000;

const loader = fileURLToPath(new URL('../../../../tools/source-loader/register.mjs', import.meta.url));

export interface Leases {
  readonly database: string;
  readonly bucket: string;
  readonly prefix: string;
}

/** A process that runs a script of the folder child/, and writes one line of JSON for each thing that it has done. */
export class LeasingProcess implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #exit: Promise<unknown[]>;

  constructor(script: string, ...parameters: string[]) {
    const file = fileURLToPath(new URL(`child/${script}`, import.meta.url));
    // Without Jest's own options, which ask for another kind of module loader.
    const env = { ...process.env, NODE_OPTIONS: '' };
    this.#process = spawn(process.execPath, ['--import', loader, file, ...parameters], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env,
    });
    this.#exit = once(this.#process, 'exit');
    if (this.#process.stdout === null) throw new Error('no output');
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  get pid(): number {
    if (this.#process.pid === undefined) throw new Error('not started');
    return this.#process.pid;
  }

  /** The next thing done. */
  async next<T>(): Promise<T> {
    const line = await this.#lines.next();
    if (line.done === true) throw new Error('the process ended with nothing more to say');
    return JSON.parse(line.value) as T;
  }

  /** Lets the script go on, whatever it waits for, and answers its exit code. */
  async finish(): Promise<unknown> {
    this.#process.stdin?.end();
    const [code] = await within({ what: 'the exit of a child', ms: exitTimeoutMs }, () => this.#exit);
    return code;
  }

  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#exit;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}
