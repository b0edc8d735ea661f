import type { PostgresEndpoint } from '@sqlflow/service-runtime';
import type { LeasedDatabase } from '../../lease/database.js';
import type { DestinationFixture, WrittenStreams } from '../destination/destination-fixture.js';
import { PostgresStreams } from './postgres-fixture.js';
import { PostgresPlace, quoted } from './postgres-place.js';
import { selectAll, storedRow } from './stored-rows.js';

/**
 * A private database on the PostgreSQL that `TEST_POSTGRES_*` name, with a role of its own, which owns the streams and may
 * create other tables. The account of the server must be allowed to create roles.
 */
export async function postgresDestinationFixture(): Promise<DestinationFixture<PostgresEndpoint>> {
  const place = await PostgresPlace.lease((writer) => `GRANT USAGE, CREATE ON SCHEMA public TO ${writer}`);
  return {
    endpoint: place.endpoint,
    secrets: place.secrets,
    failing: place.failing,
    activity: place.activity,
    streams: writtenStreams(place.database, place.endpoint.user),
    loseAnswer: loseCommandComplete,
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  };
}

/** What PostgreSQL says when a statement, a COMMIT included, is done. */
export const loseCommandComplete: NonNullable<DestinationFixture['loseAnswer']> = (link, nth) =>
  link.when(
    { protocol: 'postgres', from: 'server', message: 'CommandComplete', nth },
    { do: 'reset', at: 'before' },
    { optional: true },
  );

function writtenStreams(database: LeasedDatabase, owner: string): WrittenStreams {
  const streams = new PostgresStreams(database, owner);
  return {
    kinds: streams.kinds,
    create: (stream) => streams.create(stream),
    insert: (stream, rows) => streams.insert(stream, rows),
    async rowsOf(stream) {
      return (await database.query(selectAll(stream))).map((row) => storedRow(stream, row));
    },
    async count(stream) {
      const [row] = await database.query(`SELECT count(*)::text AS count FROM ${quoted(stream)}`);
      return Number(row?.['count']);
    },
  };
}
