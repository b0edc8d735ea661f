import { readFile } from 'node:fs/promises';
import type { ToxicLink } from '../../src/fault/toxic-link.js';
import type { Action, Match, RedisAction, RedisMatch } from '../../src/fault/trigger/match.js';
import { Triggers } from '../../src/fault/trigger/triggers.js';

// The example of the README, line for line.
import { describeIntegration, leaseDatabase, toxicLink } from '@sqlflow/test-harness';
import pg from 'pg';

describeIntegration('postgres', 'an order', { tags: ['fault'] }, () => {
  test('may be there although its COMMIT has failed', async () => {
    await using database = await leaseDatabase();
    await database.query('CREATE TABLE "order" (id int)');
    await using link = await toxicLink(database.endpoint, { seed: 7 });
    const lost = link.when(
      { protocol: 'postgres', from: 'server', message: 'CommandComplete', tag: 'COMMIT' },
      { do: 'reset', at: 'before' },
    );
    const client = new pg.Client(link.endpoint);
    client.on('error', () => undefined);
    await client.connect();
    await client.query('BEGIN; INSERT INTO "order" VALUES (7)');
    await expect(client.query('COMMIT')).rejects.toThrow();
    await lost.firing(); // { connection: 1, direction: 'downstream', nthOfConnection: 1, atByte: … }
    expect(await database.query('SELECT id FROM "order"')).toEqual([{ id: 7 }]);
  });
});
// The end of the example.

/** A link for each trigger, as there is one protocol to a link. */
const link: Pick<ToxicLink, 'when'> = {
  when: (match: Match, action: Action) =>
    new Triggers({ onFired: () => undefined }).when(match as RedisMatch, action as RedisAction),
};
// The triggers of the README, line for line.
link.when(
  { protocol: 'postgres', from: 'server', message: 'CopyData', nth: 3 },
  { do: 'reset', at: 'after' },
);
link.when(
  { protocol: 's3', method: 'PUT', query: { partNumber: '7' } },
  { do: 'answer', status: 503, code: 'SlowDown', retryAfterSeconds: 1 },
);
link.when({ protocol: 's3', from: 'server', method: 'GET' }, { do: 'truncate', bytes: 1000 });
link.when({ protocol: 'redis', from: 'server', command: 'GET' }, { do: 'stall', beforeEnd: 1 });
link.when(
  { protocol: 'redis', command: 'SET', times: 3 },
  { do: 'answer', error: 'LOADING Redis is loading the dataset in memory' },
);
// The end of the triggers.

describe('the README', () => {
  test.each(['example', 'triggers'])('shows the %s of this file', async (what) => {
    const [readme, source] = await Promise.all([
      readFile(new URL('../../README.md', import.meta.url), 'utf8'),
      readFile(new URL(import.meta.url), 'utf8'),
    ]);
    const [, shown] =
      new RegExp(`// The ${what} of the README.*\n([^]*)// The end of the ${what}`).exec(source) ?? [];
    expect(shown).toContain('link.when(');
    expect(readme).toContain(shown);
  });
});
