/** Why a service cannot be had. Closed: a new code is a change of the interface. docs/troubleshooting.md says more of each. */
export const serviceFailureCodes = [
  'UNKNOWN_SERVICE',
  'SERVICE_DEFINITION_INVALID',
  'INVALID_OPTION',
  'PLATFORM_NOT_SUPPORTED',
  'BINARY_MISSING',
  'PROVIDER_NOT_AVAILABLE',
  'PORT_TAKEN',
  'FOLDER_NOT_WRITABLE',
  'DISK_FULL',
  'SERVICE_DIED',
  'SERVICE_NOT_READY',
  'EXTERNAL_NOT_CONFIGURED',
  'EXTERNAL_NOT_REACHABLE',
  'EXTERNAL_REFUSED_CREDENTIALS',
  'EXTERNAL_TOO_OLD',
  'EXTERNAL_LACKS_PRIVILEGE',
  'SUPERVISOR_NOT_STARTED',
  'SUPERVISOR_NOT_RESPONDING',
  'SUPERVISOR_OF_ANOTHER_VERSION',
  'INSTALL_FAILED',
  'DOCKER_NOT_AVAILABLE',
  'IMAGE_NOT_AVAILABLE',
  'COMPOSE_FILE_INVALID',
  'NOT_OURS',
  'FAULT_NOT_SUPPORTED',
  'FAULT_NOT_POSSIBLE',
] as const;

export type ServiceFailureCode = (typeof serviceFailureCodes)[number];

/** What a failure box shows. Plain data: it crosses the supervisor's socket as it is. */
export interface ServiceFailureReport {
  readonly code: ServiceFailureCode;
  readonly service?: string;
  /** One sentence: what was tried and what came of it. Never a secret. */
  readonly summary: string;
  /** What was seen: last log lines, exit code, who owns the port. Never a secret. */
  readonly evidence: readonly string[];
  /** Commands to type, or things to change, best first. */
  readonly next: readonly string[];
}

/** A service that cannot be had, with its cause, the evidence and the next command. */
export class ServiceFailure extends Error {
  override readonly name = 'ServiceFailure';

  constructor(
    readonly report: ServiceFailureReport,
    options?: ErrorOptions,
  ) {
    super(`[${report.code}] ${report.summary}`, options);
  }

  get code(): ServiceFailureCode {
    return this.report.code;
  }
}
