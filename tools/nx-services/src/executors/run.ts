import {
  failureBox,
  knownServices,
  parseServices,
  ServiceFailure,
  type ServiceName,
} from '@sqlflow/service-runtime';
import { printError } from '../output.js';

/** What Nx wants of an executor. */
export interface ExecutorResult {
  readonly success: boolean;
}

/** Runs the body of an executor and turns a failure into its box, so that nobody is shown a stack trace for a taken port. */
export async function run(body: () => Promise<boolean>): Promise<ExecutorResult> {
  try {
    return { success: await body() };
  } catch (error) {
    if (!(error instanceof ServiceFailure)) throw error;
    printError(failureBox(error.report));
    return { success: false };
  }
}

/** The option `services`: a list, or names separated by commas. @throws ServiceFailure `UNKNOWN_SERVICE` */
export function servicesOption(
  given: string | readonly string[] | undefined,
  workspaceRoot: string,
): readonly ServiceName[] {
  const known = knownServices(workspaceRoot);
  if (given === undefined) return known;
  const names = [given]
    .flat()
    .flatMap((text) => text.split(','))
    .map((name) => name.trim());
  return parseServices(
    names.filter((name) => name !== ''),
    'the option --services',
    known,
  );
}
