// For whoever runs tests on services.
export {
  chooseProviders,
  leasedVariable,
  type Choice,
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
export {
  dataLimitObstacle,
  type PrivateServer,
  type PrivateServerOptions,
  startPrivateServer,
} from './lease/start-private-server.js';
export { sweepContainers, sweepLeftovers } from './lease/sweep-leftovers.js';
export type { OnProgress, Outcome } from './lease/outcome.js';
export type {
  Endpoint,
  EndpointOf,
  Endpoints,
  ObjectStoreEndpoint,
  PostgresEndpoint,
  RedisEndpoint,
} from './service/endpoint.js';
export { endpointVariables, fromVariables, toVariables } from './service/endpoint-variables.js';
export { endpointsOf, type ProviderName, type ServiceOffer } from './service/running-service.js';
export {
  type BuiltInService,
  builtInServices,
  inOrder,
  isServiceName,
  type ServiceName,
} from './service/service-name.js';
export { type EndpointVariables, type Environment, hostAndPort } from './service/variables.js';
export type { ServiceStatus, SupervisorStatus } from './supervisor/protocol.js';

// For workspaces that define services of their own.
export type { ServerPlace, ServerStart, ServiceModule } from './workspace/service-module.js';

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
export { composeFile, knownServices, loadServices } from './workspace/workspace-services.js';
export { findWorkspaceRoot } from './workspace/find-workspace-root.js';
export { type RuntimeFolders, runtimeFolders } from './workspace/runtime-folders.js';
