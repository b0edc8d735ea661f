import { ServiceFailure, type ServiceFailureCode } from '@sqlflow/service-runtime';
import { HarnessError, type HarnessErrorCode } from '../../harness-error.js';

const codes: Partial<Readonly<Record<ServiceFailureCode, HarnessErrorCode>>> = {
  NOT_OURS: 'not-ours',
  FAULT_NOT_SUPPORTED: 'unsupported',
  FAULT_NOT_POSSIBLE: 'refused',
  INVALID_OPTION: 'invalid-option',
  UNKNOWN_SERVICE: 'invalid-option',
};

/** Has the runtime's failures speak as this package does. Other errors pass as they are. */
export async function explainFailure<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ServiceFailure)) throw error;
    const { summary, evidence, next } = error.report;
    const said = [
      summary,
      ...evidence,
      ...next.map((remedy, index) => (index === 0 ? `Next: ${remedy}` : remedy)),
    ];
    throw new HarnessError(codes[error.code] ?? 'service-unavailable', `${doing} failed: ${said.join(' ')}`, {
      cause: error,
    });
  }
}
