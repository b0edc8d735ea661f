import type { ExecutorContext } from '@nx/devkit';
import { install as installMissing, planInstall } from '@sqlflow/service-runtime';
import { print } from '../../output.js';
import { type ExecutorResult, run, servicesOption } from '../run.js';

export interface InstallOptions {
  readonly services?: string | readonly string[];
}

export default function install(options: InstallOptions, context: ExecutorContext): Promise<ExecutorResult> {
  return run(async () => {
    const plan = await planInstall(context.root, servicesOption(options.services, context.root));
    if (plan.missing.length === 0) {
      print('Nothing is missing.');
      return true;
    }
    print(`Missing: what ${plan.missing.join(', ')} need${plan.missing.length === 1 ? 's' : ''}.`);
    for (const command of plan.commands) print(`  ${command.join(' ')}`);
    await installMissing(plan, new AbortController().signal);
    return true;
  });
}
