import { ServiceFailure } from '../../failure/service-failure.js';
import type { ServiceName } from '../service-name.js';

/**
 * @param found - Such as `Redis 5.0.7`.
 * @throws ServiceFailure `EXTERNAL_TOO_OLD` unless the first number in `found` is at least `oldest`.
 */
export function requireVersion(service: ServiceName, variable: string, found: string, oldest: number): void {
  if (Number.parseInt(/\d+/.exec(found)?.[0] ?? '', 10) >= oldest) return;
  throw new ServiceFailure({
    code: 'EXTERNAL_TOO_OLD',
    service,
    summary: `The server named by ${variable} is ${found}; version ${String(oldest)} or newer is needed.`,
    evidence: [found],
    next: [`Name a newer server, or unset ${variable} to have one started.`],
  });
}

/** Something that tests do and the account may not, and what lets it. */
export interface MissingPrivilege {
  readonly privilege: string;
  readonly remedy: string;
}

/** @throws ServiceFailure `EXTERNAL_LACKS_PRIVILEGE` naming each, if there is one. */
export function requirePrivileges(
  service: ServiceName,
  variable: string,
  missing: readonly MissingPrivilege[],
): void {
  if (missing.length === 0) return;
  throw new ServiceFailure({
    code: 'EXTERNAL_LACKS_PRIVILEGE',
    service,
    summary: `The account on the server named by ${variable} may not do what tests need.`,
    evidence: missing.map(({ privilege }) => privilege),
    next: missing.map(({ remedy }) => `Let an administrator grant it: ${remedy}`),
  });
}
