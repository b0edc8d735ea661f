// For users: what a test imports.
export { dataLimitObstacle } from '@sqlflow/service-runtime';
export { type DescribeIntegration, describeIntegration } from './describe-integration.js';
export { endpointOf } from './endpoints.js';
export { type RegisterTest, type SuiteOptions, type Tag, tagged } from './markers.js';
export type { LinkConnection, LinkDirection } from './fault/connection.js';
export type { Address, ToxicLinkOptions } from './fault/link-options.js';
export type { ConnectionCut, ScheduleEntry, ToxicAtWork, TriggerFired } from './fault/schedule.js';
export { type AddedToxic, type ToxicLink, toxicLink } from './fault/toxic-link.js';
export type { ToxicOptions, ToxicType } from './fault/toxic/kinds.js';
export type { Firing, FiringOptions, Trigger, TriggerOptions } from './fault/trigger/armed-trigger.js';
export type {
  Action,
  Cut,
  Match,
  Occurrence,
  PostgresAction,
  PostgresAnswer,
  PostgresMatch,
  Protocol,
  RedisAction,
  RedisAnswer,
  RedisMatch,
  S3Action,
  S3Answer,
  S3Match,
  S3Truncate,
  Stall,
} from './fault/trigger/match.js';
export type { When } from './fault/trigger/triggers.js';
export type { HeldConnections } from './fault/service/exhaust-connections.js';
export {
  type PrivatePostgres,
  type PrivateRedis,
  type PrivateServer,
  type PrivateServerOf,
  startPrivateServer,
} from './fault/service/private-server.js';
export type { PrivateServerOptions } from './fault/service/server-options.js';
export type { BackendFilter } from './fault/service/terminate-backends.js';
export { HarnessError, type HarnessErrorCode } from './harness-error.js';
export { endLeases } from './lease/at-the-end.js';
export { type LeasedBucket, leaseBucket } from './lease/bucket.js';
export { type DatabaseLeaseOptions, type LeasedDatabase, leaseDatabase } from './lease/database.js';
export { type KeyspaceLeaseOptions, type LeasedKeyspace, leaseKeyspace } from './lease/keyspace.js';
export type { LeakOption, LeaseOptions } from './lease/lease-options.js';
export { type LeasedSchema, leaseSchema, type SchemaLeaseOptions } from './lease/schema.js';
export {
  type DatabaseTemplate,
  defineTemplate,
  type TemplateDatabase,
  type TemplateDefinition,
} from './lease/template.js';
export { inTransaction, type TransactionClient } from './lease/transaction.js';
export { markSkipped } from './skip-mark.js';

// For authors of tools.
export { findKept, type KeptLease, type LeaseServers, removeKept } from './lease/kept.js';
