import type { ExecutorContext } from '@nx/devkit';
import { stopServices } from '@sqlflow/service-runtime';
import { print, printJson } from '../../output.js';
import { type ExecutorResult, run } from '../run.js';

export interface DownOptions {
  readonly force?: boolean;
  readonly json?: boolean;
}

export default function down(options: DownOptions, context: ExecutorContext): Promise<ExecutorResult> {
  return run(async () => {
    const outcome = await stopServices({ workspaceRoot: context.root, force: options.force ?? false });
    const { stopped, inUse } = outcome ?? { stopped: [], inUse: [] };
    if (options.json === true) {
      printJson({ stopped, inUse: inUse.map(({ service, holders }) => ({ service, holders })) });
      return true;
    }
    print(stopped.length === 0 ? 'Nothing was stopped.' : `Stopped: ${stopped.join(', ')}.`);
    for (const { service, holders } of inUse) {
      print(`${service} runs on: it is used by ${holders.join(', ')}. With --force it would be stopped too.`);
    }
    return true;
  });
}
