import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { ServiceName } from '@sqlflow/service-runtime';

const milliseconds = z.number().positive();
const clientTimes = z.object({
  /** From the call of leaseServices to its end. */
  leasedMs: milliseconds,
  /** From the same moment to the answer of every service to a query of the client's own. */
  answeredMs: milliseconds,
  /** The same call again, in the same process, by then on a running set. */
  leasedAgainMs: milliseconds,
  /** What the offers say: from the supervisor's decision to start a service to its first answer. */
  startedInMs: z.record(z.string(), milliseconds),
});
export type ClientTimes = z.infer<typeof clientTimes>;

const program = fileURLToPath(new URL('./lease-and-ask.ts', import.meta.url));
const loader = new URL('../../../source-loader/register-built.mjs', import.meta.url).href;

/** A client in a process of its own. It holds its lease until it is ended. */
export interface Client {
  readonly times: ClientTimes;
  end(): Promise<void>;
}

/** Starts a client and waits until it has its answers. @param environment - Added to ours. */
export async function startClient(
  workspaceRoot: string,
  services: readonly ServiceName[],
  environment: Readonly<Record<string, string>> = {},
  provider: 'local' | 'docker' = 'local',
): Promise<Client> {
  const child = spawn(
    process.execPath,
    ['--import', loader, program, workspaceRoot, services.join(','), provider],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...environment },
    },
  );
  const exited = once(child, 'exit');
  const line = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
  if (line.done === true) throw new Error('the client ended without a word: see above');
  return {
    times: clientTimes.parse(JSON.parse(line.value)),
    end: async () => {
      child.stdin.end();
      await exited;
    },
  };
}
