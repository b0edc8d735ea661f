import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

export interface RunOptions {
  readonly cwd: string;
  /** Instead of what is found in this process's environment; `undefined` takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** @defaultValue 120_000 */
  readonly timeoutMs?: number;
}

/**
 * Runs a program to its end and answers what it printed.
 *
 * @throws Error with all of its output if it fails, or does not end in time; it is killed then.
 */
export async function run(program: string, args: readonly string[], options: RunOptions): Promise<string> {
  const { cwd, env = {}, timeoutMs = 120_000 } = options;
  const child = spawn(program, args, {
    cwd,
    env: { ...withoutOurOwn(process.env), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  const exited = new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(String(code ?? signal)));
  });
  const [output, errors, exit] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  if (exit === '0') return output;
  throw new Error(`${program} ${args.join(' ')} ended with ${exit} in ${cwd}\n${output}\n${errors}`);
}

/** Jest, Nx and npm tell their children things that would make these behave otherwise than in a newcomer's shell. */
function withoutOurOwn(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const own = /^(NX_|JEST_|TEST_|SERVICES_|FORCE_COLOR$|NODE_ENV$|NODE_OPTIONS$|INIT_CWD$|npm_(?!config_))/;
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !own.test(name)));
}
