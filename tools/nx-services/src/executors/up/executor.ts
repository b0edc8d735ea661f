import type { ExecutorContext } from '@nx/devkit';
import { failureBox, pinServices } from '@sqlflow/service-runtime';
import { print, printError, printJson } from '../../output.js';
import { dependentServices } from './dependent-services.js';
import { offersTable } from '../describe-offer.js';
import { type ExecutorResult, run, servicesOption } from '../run.js';
import { sayWhereFrom } from './say-where-from.js';

export interface UpOptions {
  readonly services?: string | readonly string[];
  readonly provider?: string;
  readonly ports?: Readonly<Record<string, number>>;
  readonly json?: boolean;
}

export default function up(options: UpOptions, context: ExecutorContext): Promise<ExecutorResult> {
  return run(async () => {
    const dependents = dependentServices(context);
    if (dependents !== undefined) {
      // The tests lease what they need themselves, if they run at all: a cached result starts nothing.
      print(await sayWhereFrom(dependents, context.root, options.provider));
      return true;
    }
    const { offers, failures } = await pinServices({
      workspaceRoot: context.root,
      services: servicesOption(options.services, context.root),
      onProgress: (service, message) => {
        if (options.json !== true) print(`${service}: ${message}`);
      },
      ...(options.provider !== undefined && { provider: options.provider }),
      ...(options.ports !== undefined && { ports: options.ports }),
    });
    if (options.json === true)
      printJson({
        services: offers.map(({ endpoint, ...offer }) => ({
          ...offer,
          host: endpoint.host,
          port: endpoint.port,
        })),
        failures,
      });
    else if (offers.length > 0)
      print(`${offersTable(offers)}\n\nThey run until \`npx nx run services:down\`.`);
    if (options.json !== true) for (const failure of failures) printError(failureBox(failure));
    return failures.length === 0;
  });
}
