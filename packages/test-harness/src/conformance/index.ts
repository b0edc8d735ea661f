// For authors of connectors: what holds them to the contract.
export type { ConformanceOptions } from './conformance-suite.js';
export type { ConformanceReport } from './report.js';
export type { OpenModule } from './own-process.js';
export type { Finding } from './requirement.js';
export {
  reportSourceConformance,
  sourceConformance,
  type SourceConformanceOptions,
  type SourceRequirement,
  sourceRequirements,
} from './source/source-conformance.js';
export { type ScheduleResult, type SoakOptions, type SoakReport, soakSource } from './source/soak.js';
export type { SourceUnderTest } from './source/source-bench.js';
export type {
  Address,
  ColumnKind,
  ColumnSpec,
  FailingEndpoint,
  FixtureTransaction,
  SourceFixture,
  StreamFixture,
  StreamSpec,
} from './source/source-fixture.js';
export {
  destinationConformance,
  type DestinationConformanceOptions,
  type DestinationRequirement,
  destinationRequirements,
  reportDestinationConformance,
} from './destination/destination-conformance.js';
export type { DestinationUnderTest } from './destination/destination-bench.js';
export type { DestinationFixture, LostAnswer, WrittenStreams } from './destination/destination-fixture.js';
export {
  reportStateStoreConformance,
  stateStoreConformance,
  type StateStoreConformanceOptions,
  type StateStoreRequirement,
  stateStoreRequirements,
} from './state-store/state-store-conformance.js';
export type { StateStoreFixture } from './state-store/state-store-fixture.js';

// Fixtures for servers that the harness knows.
export { type BucketEndpoint, objectStoreSourceFixture } from './object-store/object-store-fixture.js';
export { type KeysEndpoint, redisSourceFixture } from './redis/redis-fixture.js';
export { postgresSourceFixture } from './postgres/postgres-fixture.js';
export { postgresDestinationFixture } from './postgres/postgres-destination-fixture.js';
export { postgresStateStoreFixture } from './postgres/postgres-state-store-fixture.js';
