// For whoever runs tests on services.
export {
  chooseProviders,
  leasedVariable,
  type ProviderChoice,
  providerChoices,
} from './lease/choose-provider.js';
export {
  type PinOptions,
  pinServices,
  servicesStatus,
  type StopOutcome,
  stopServices,
} from './lease/control-services.js';
export { type LeaseOptions, leaseServices, type ServiceLease } from './lease/lease-services.js';
export { sweepLeftovers } from './lease/sweep-leftovers.js';
export type { Outcome } from './lease/outcome.js';
export type { Endpoints, ObjectStoreEndpoint, PostgresEndpoint, RedisEndpoint } from './service/endpoint.js';
export {
  type Environment,
  fromVariables,
  locatingVariables,
  toVariables,
} from './service/endpoint-variables.js';
export { endpointsOf, type ProviderName, type ServiceOffer } from './service/running-service.js';
export { isServiceName, type ServiceName, serviceNames } from './service/service-name.js';
export type { ServiceStatus, SupervisorStatus } from './supervisor/protocol.js';

// For what goes wrong.
export { failureBox } from './failure/failure-box.js';
export {
  ServiceFailure,
  type ServiceFailureCode,
  type ServiceFailureReport,
} from './failure/service-failure.js';

// For those who set machines up.
export { type Diagnosis, diagnose } from './doctor/diagnose.js';
export { install, type InstallPlan, planInstall } from './doctor/install.js';

// For authors of tools.
export { type Clock, systemClock } from './clock.js';
export { type Host, thisHost } from './host.js';
export { identify, isAlive, type ProcessIdentity } from './process/process-identity.js';
export { supervisorLog } from './supervisor/spawn-supervisor.js';
export { declaredServices, parseServices } from './workspace/declared-services.js';
export { findWorkspaceRoot } from './workspace/find-workspace-root.js';
export { type RuntimeFolders, runtimeFolders } from './workspace/runtime-folders.js';
