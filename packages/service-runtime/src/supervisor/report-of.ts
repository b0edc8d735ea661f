import { ServiceFailure, type ServiceFailureReport } from '../failure/service-failure.js';
import type { ServiceName } from '../service/service-name.js';

/** What is said of an error that a start, or a fault, ended with. */
export function reportOf(
  service: ServiceName,
  error: unknown,
  what = 'could not be started',
): ServiceFailureReport {
  if (error instanceof ServiceFailure) return error.report;
  return {
    code: 'SERVICE_NOT_READY',
    service,
    summary: `${service} ${what}.`,
    evidence: [error instanceof Error ? error.message : String(error)],
    next: ['npx nx run services:doctor'],
  };
}
