import type { PostgresEndpoint } from '@sqlflow/service-runtime';
import type { StateStoreFixture } from '../state-store/state-store-fixture.js';
import { loseCommandComplete } from './postgres-destination-fixture.js';
import { PostgresPlace } from './postgres-place.js';

/**
 * A private database on the PostgreSQL that `TEST_POSTGRES_*` name, with a role of its own, which may create tables. The
 * account of the server must be allowed to create roles.
 */
export async function postgresStateStoreFixture(): Promise<StateStoreFixture<PostgresEndpoint>> {
  const place = await PostgresPlace.lease((user) => `GRANT USAGE, CREATE ON SCHEMA public TO ${user}`);
  return {
    endpoint: place.endpoint,
    secrets: place.secrets,
    failing: place.failing,
    loseAnswer: loseCommandComplete,
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  };
}
