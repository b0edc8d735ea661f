import { systemClock } from '@sqlflow/resilience';
import type { Client } from 'pg';
import type { Draw } from './draw.js';
import type { Change, Written } from './written.js';

/** What stamps a row: when its transaction began, now, or a time a little ahead that many transactions share. */
const stamps = [
  'now()',
  'clock_timestamp()',
  `to_timestamp(ceil(extract(epoch FROM clock_timestamp()) * 50) / 50)`,
] as const;

export interface WriterPlace {
  readonly client: Client;
  readonly table: string;
  readonly written: Written;
  readonly draw: Draw;
  /** The first id of its own, of which it has 1,000,000. */
  readonly firstId: number;
  /** Some of its transactions are committed in two phases. */
  readonly isPreparing: boolean;
  readonly signal: AbortSignal;
}

/**
 * Makes transactions that commit at once, late, in two phases or never, with savepoints of which some are undone, and changes
 * without a stamp.
 */
export class Writer {
  readonly #place: WriterPlace;
  #id: number;
  #rev: number;
  #names = 0;
  /** Committed rows of its own, which it may change. */
  readonly #own: number[] = [];
  /** Prepared and not committed yet. */
  readonly #prepared: { readonly name: string; readonly versions: readonly Change[] }[] = [];

  constructor(place: WriterPlace) {
    this.#place = place;
    this.#id = place.firstId;
    this.#rev = place.firstId;
  }

  async run(): Promise<void> {
    const { draw, signal } = this.#place;
    try {
      for (let count = draw.integer(4, 14); count > 0; count--) {
        signal.throwIfAborted();
        await this.#transaction();
        if (draw.oneIn(3)) await this.#finishPrepared();
        if (draw.oneIn(3)) await this.#pause(4);
      }
    } finally {
      while (this.#prepared.length > 0) await this.#finishPrepared();
    }
  }

  async #transaction(): Promise<void> {
    const { client, draw, table, isPreparing } = this.#place;
    const stamp = draw.of(stamps);
    const versions: Change[] = [];
    await client.query('BEGIN');
    // A transaction that has only looked at the clock has no id yet, and still stamps with it.
    if (draw.oneIn(3)) await client.query('SELECT now()').then(() => this.#pause(10));
    for (let steps = draw.integer(1, 3); steps > 0; steps--) {
      const isNested = draw.oneIn(3);
      if (isNested) await client.query('SAVEPOINT step');
      const made =
        draw.oneIn(4) && this.#own.length > 0 ? await this.#change(stamp) : await this.#insert(stamp);
      if (isNested && draw.oneIn(2)) await client.query('ROLLBACK TO step');
      else versions.push(...made);
      if (draw.oneIn(2)) await this.#pause(draw.oneIn(6) ? 80 : 10);
    }
    if (draw.oneIn(6)) {
      await client.query('ROLLBACK');
      return;
    }
    if (isPreparing && draw.oneIn(5)) {
      const name = `${table}_${String(this.#place.firstId)}_${String(++this.#names)}`;
      await client.query(`PREPARE TRANSACTION '${name}'`);
      this.#prepared.push({ name, versions });
      return;
    }
    await client.query('COMMIT');
    this.#commit(versions);
  }

  async #insert(stamp: string): Promise<Change[]> {
    const { client, draw, table } = this.#place;
    const versions = Array.from({ length: draw.integer(1, 4) }, () => ({
      id: this.#id++,
      rev: this.#rev++,
      isStamped: true,
    }));
    const list = versions.map(({ id, rev }) => `(${String(id)}, ${String(rev)}, ${stamp})`).join(', ');
    await client.query(`INSERT INTO ${table} (id, rev, at) VALUES ${list}`);
    return versions;
  }

  async #change(stamp: string): Promise<Change[]> {
    const { client, draw, table } = this.#place;
    const id = this.#own[draw.integer(0, this.#own.length - 1)] ?? 0;
    // What is prepared holds its rows, and would be waited for without an end.
    if (this.#prepared.some(({ versions }) => versions.some((version) => version.id === id))) return [];
    const version = { id, rev: this.#rev++, isStamped: !draw.oneIn(3) };
    const at = version.isStamped ? stamp : 'at';
    await client.query(
      `UPDATE ${table} SET rev = ${String(version.rev)}, at = ${at} WHERE id = ${String(id)}`,
    );
    return [version];
  }

  async #finishPrepared(): Promise<void> {
    const next = this.#prepared.shift();
    if (next === undefined) return;
    const isCommitted = !this.#place.draw.oneIn(5);
    await this.#place.client.query(`${isCommitted ? 'COMMIT' : 'ROLLBACK'} PREPARED '${next.name}'`);
    if (isCommitted) this.#commit(next.versions);
  }

  #commit(versions: readonly Change[]): void {
    this.#place.written.commit(versions);
    this.#own.push(...versions.map(({ id }) => id));
  }

  async #pause(mostMs: number): Promise<void> {
    await systemClock.sleep(this.#place.draw.integer(0, mostMs), this.#place.signal);
  }
}
