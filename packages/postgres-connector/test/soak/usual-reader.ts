import type { Client } from 'pg';
import type { Version } from './written.js';

/** How connectors usually read by a cursor, without breaks and kills, each read in one snapshot. */
export const usualStrategies = {
  '`at > last`': 'at > $1',
  '`at >= last`': 'at >= $1',
  '`at > last - 20 ms`': `at > $1::timestamptz - interval '20 ms'`,
  '`at > last AND at < now() - 20 ms`': `at > $1 AND at < clock_timestamp() - interval '20 ms'`,
} as const;

export type UsualStrategy = keyof typeof usualStrategies;

export class UsualReader {
  readonly given: Version[] = [];
  #last = '-infinity';

  constructor(
    private readonly client: Client,
    private readonly table: string,
    private readonly strategy: UsualStrategy,
  ) {}

  async read(): Promise<void> {
    const { rows } = await this.client.query<{ id: number; rev: number; at: string }>(
      `SELECT id::int, rev::int, at::text FROM ${this.table} WHERE ${usualStrategies[this.strategy]} ORDER BY at`,
      [this.#last],
    );
    for (const { id, rev } of rows) this.given.push({ id, rev });
    this.#last = rows.at(-1)?.at ?? this.#last;
  }
}
