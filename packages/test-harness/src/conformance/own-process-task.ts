import { inspect } from 'node:util';
import type { ProcessAnswer, ProcessMessage } from './own-process.js';

/** A task and the `open` of a module, as the module of the process knows them. */
type Run = (open: never, task: never) => Promise<number>;

/** Runs the task that this process was started for, and says what came of it. */
export function runTaskOnce(run: Run): void {
  process.once('message', (message: ProcessMessage) => {
    void answerTo(message, run).then(
      (answer) => process.send?.(answer),
      (error: unknown) => process.send?.({ failed: inspect(error) }),
    );
  });
}

async function answerTo({ module, task }: ProcessMessage, run: Run): Promise<ProcessAnswer> {
  const { open } = (await import(module)) as { readonly open: unknown };
  const rows = await run(open as never, task as never);
  return { rows, peakBytes: 1024 * process.resourceUsage().maxRSS };
}

/** Prints all that comes of something, as somebody who looks for a fault would. */
export async function tellOutcome(doing: string, work: () => Promise<unknown>): Promise<void> {
  await work().then(
    (result) => tell(doing, result),
    (error: unknown) => tell(doing, error),
  );
}

export function tell(what: string, value: unknown): void {
  const text = inspect(value, { depth: 8, showHidden: true });
  process.stdout.write(`${what} ${text}\n${String(value)}\n${json(value)}\n`);
}

function json(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    return String(error);
  }
}
