import type { ExecutorContext } from '@nx/devkit';
import { type Diagnosis, diagnose, knownServices } from '@sqlflow/service-runtime';
import { print, printJson } from '../../output.js';
import { table } from '../../table.js';
import { type ExecutorResult, run } from '../run.js';

export interface DoctorOptions {
  readonly json?: boolean;
}

export default function doctor(options: DoctorOptions, context: ExecutorContext): Promise<ExecutorResult> {
  return run(async () => {
    const diagnoses = await diagnose(context.root);
    const missing = knownServices(context.root).filter(
      (name) => !diagnoses.some(({ service, chosen, available }) => service === name && chosen && available),
    );
    if (options.json === true) printJson({ services: diagnoses, missing });
    else print(report(diagnoses, missing));
    return missing.length === 0;
  });
}

function report(diagnoses: readonly Diagnosis[], missing: readonly string[]): string {
  const rows = diagnoses.map(({ service, provider, available, chosen, detail, next }) => [
    service,
    `${provider}${chosen ? ' (used)' : ''}`,
    available ? 'available' : 'not available',
    next === undefined || !chosen ? detail : `${detail} → ${next}`,
  ]);
  const verdict =
    missing.length === 0 ? 'Every service can be had.' : `Cannot be had: ${missing.join(', ')}.`;
  return `${table(['SERVICE', 'PROVIDER', '', 'DETAIL'], rows)}\n\n${verdict}`;
}
