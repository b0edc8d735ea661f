import {
  type ConnectionReport,
  connectionReport,
  checkFailure,
  ConnectorError,
  isTransient,
  type IncrementalBatch,
  type IncrementalOptions,
  type IncrementalSource,
  type ReadOptions,
  type StreamInfo,
  type StreamName,
} from '@sqlflow/connector-contract';
import { pause } from '../../../src/deadline.js';
import type { PostgresEndpoint } from '@sqlflow/service-runtime';
import { Field, type RecordBatch, Schema, Utf8 } from 'apache-arrow';
import type { SourceDefect } from './defects.js';
import { batchOf, type ReferenceColumn, schemaOf, selectOf } from './reference-columns.js';
import { passes } from './reference-incremental.js';
import { ReferenceSession, type TextRow } from './reference-session.js';

export interface Table {
  readonly name: string;
  /** As SQL has it. */
  readonly relation: string;
  readonly columns: readonly ReferenceColumn[];
  readonly key: readonly string[];
}

/**
 * The simplest source that meets every requirement, slow and for PostgreSQL alone; or one that does a single thing wrong.
 * It shows that the suite can be passed, and that each of its requirements can fail.
 */
export class ReferenceSource implements IncrementalSource {
  readonly #closing = new AbortController();
  readonly #sessions = new Set<ReferenceSession>();
  #left = 5;

  readonly #endpoint: PostgresEndpoint;

  constructor(
    endpoint: PostgresEndpoint,
    private readonly defect?: SourceDefect,
  ) {
    this.#endpoint = endpoint;
  }

  async testConnection(): Promise<ConnectionReport> {
    const findings = {
      options: 'valid',
      dns: 'found',
      tcp: 'open',
      authentication: 'known',
      container: 'there',
      privilege: 'granted',
    };
    try {
      await using session = await this.#open();
      const [[version, usable] = []] = await session.query(
        `SELECT current_setting('server_version'), has_schema_privilege('public', 'USAGE')`,
      );
      const refused = new ConnectorError('permission-denied', 'no USAGE', {
        kind: 'terminal',
        effect: 'none',
      });
      const failure = usable === 't' ? undefined : ({ stage: 'privilege', error: refused } as const);
      const report = connectionReport({
        findings,
        failure,
        server: `PostgreSQL ${String(version)}`,
        elapsedMs: 0,
      });
      return this.defect === 'connection-report' ? { ...report, stages: [] } : report;
    } catch (error) {
      const failure = checkFailure(error, 'authentication');
      if (failure === undefined) throw error;
      const stage = this.defect === 'connection-report-failed-stage' ? 'authentication' : failure.stage;
      return connectionReport({ findings, failure: { ...failure, stage }, elapsedMs: 0 });
    }
  }

  async discover(): Promise<readonly StreamInfo[]> {
    await using session = await this.#open();
    const names = await session.query(
      `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v')
          AND has_table_privilege(oid, 'SELECT') ORDER BY relname`,
    );
    const streams: StreamInfo[] = [];
    for (const [name] of names) {
      const table = await this.#describe(session, { name: name ?? '' });
      const schema =
        this.defect === 'discover-agrees-with-read'
          ? new Schema(table.columns.map((column) => new Field(column.name, new Utf8(), column.isNullable)))
          : schemaOf(table.columns);
      streams.push({
        namespace: 'public',
        name: table.name,
        schema,
        primaryKey: table.key,
        cursorCandidates: [],
      });
    }
    return streams;
  }

  async *read(stream: StreamName, options: ReadOptions = {}): AsyncGenerator<RecordBatch, void, undefined> {
    const { batchRows = 8192, signal } = options;
    await using ended = await this.#reading(signal);
    const { session } = ended;
    try {
      const table = await this.#describe(session, stream);
      const columns = this.#chosen(table, options.columns);
      const asked = this.defect === 'batches-are-bounded' ? Math.max(100, batchRows) : batchRows;
      const held: RecordBatch[] = [];
      const pages = this.#pages(session, table, columns, asked, stream);
      for await (const rows of this.defect === 'back-pressure' ? ahead(pages) : pages) {
        if (this.defect !== 'ended-reads-end-on-the-server') ended.signal.throwIfAborted();
        if (this.defect === 'full-read-gives-each-row-once' && rows.rows.length < asked) return;
        const batch = this.#batch(rows.columns, rows.rows);
        if (this.defect === 'flat-memory') held.push(batch);
        else yield batch;
      }
      yield* held;
    } catch (error) {
      if (this.defect !== 'ended-reads-end-on-the-server') ended.signal.throwIfAborted();
      if (this.defect === 'broken-links' && isTransient(error)) return;
      if (this.defect === 'disturbed-protocol' && (error as ConnectorError).serverCode === '57P01') return;
      if (this.defect === 'errors-have-codes') throw (error as Error).cause;
      throw error;
    }
  }

  async *readIncremental(
    stream: StreamName,
    options: IncrementalOptions,
  ): AsyncGenerator<IncrementalBatch, void, undefined> {
    await using ended = await this.#reading(options.signal);
    const { session } = ended;
    try {
      const table = await this.#describe(session, stream);
      const columns = this.#chosen(table, options.columns);
      for await (const { rows, checkpoint } of passes(session, table, columns, options, this.defect)) {
        ended.signal.throwIfAborted();
        yield { batch: this.#batch(columns, rows), checkpoint };
      }
    } catch (error) {
      ended.signal.throwIfAborted();
      if (this.defect !== 'resumed-reads' || !isTransient(error)) throw error;
      yield* this.readIncremental(stream, options);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(
      new ConnectorError('closed', 'the source is closed', { kind: 'terminal', effect: 'none' }),
    );
    await Promise.all([...this.#sessions].map((session) => session[Symbol.asyncDispose]()));
  }

  async #open(): Promise<ReferenceSession> {
    this.#closing.signal.throwIfAborted();
    try {
      const session = await ReferenceSession.open(this.#endpoint);
      this.#sessions.add(session);
      return session;
    } catch (error) {
      if (this.defect !== 'secrets-are-never-shown' || !(error instanceof ConnectorError)) throw error;
      const { user, password, host } = this.#endpoint;
      throw new ConnectorError(error.code, `${error.message} (postgres://${user}:${password}@${host})`, {
        kind: error.kind,
        effect: error.effect,
      });
    }
  }

  /** A session for one read, which ends on the server with it, or when the signal aborts. */
  async #reading(
    signal: AbortSignal | undefined,
  ): Promise<AsyncDisposable & { session: ReferenceSession; signal: AbortSignal }> {
    if (this.defect === 'reads-after-and-beside-reads' && --this.#left < 0)
      throw new Error('no connection is left');
    const ended = AbortSignal.any([this.#closing.signal, ...(signal ? [signal] : [])]);
    ended.throwIfAborted();
    const session = await this.#open();
    const isDeaf = this.defect === 'ended-reads-end-on-the-server' || this.defect === 'abort-while-stalled';
    const breakOff = (): void => void session.breakOff().catch(() => undefined);
    if (!isDeaf) ended.addEventListener('abort', breakOff, { once: true });
    return {
      session,
      signal: ended,
      [Symbol.asyncDispose]: async () => {
        ended.removeEventListener('abort', breakOff);
        this.#sessions.delete(session);
        await session[Symbol.asyncDispose]();
      },
    };
  }

  #quoted(name: string): string {
    return this.defect === 'hostile-names' ? `"${name}"` : `"${name.replaceAll('"', '""')}"`;
  }

  async #describe(session: ReferenceSession, { name }: StreamName): Promise<Table> {
    const relation = `public.${this.#quoted(name)}`;
    const columns = await session.query(
      `SELECT attname, format_type(atttypid, atttypmod), NOT attnotnull FROM pg_attribute
        WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
      [relation],
    );
    const key = await session.query(
      `SELECT attname FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY(indkey)
        WHERE indrelid = $1::regclass AND indisprimary`,
      [relation],
    );
    return {
      name,
      relation,
      columns: columns.map(([column, type, isNullable]) => ({
        name: column ?? '',
        type: type ?? '',
        isNullable: isNullable === 't',
      })),
      key: key.map(([column]) => column ?? ''),
    };
  }

  #chosen({ columns }: Table, names: readonly string[] = columns.map(({ name }) => name)): ReferenceColumn[] {
    if (this.defect === 'projection') return columns.filter(({ name }) => names.includes(name));
    return names.map((name) => {
      const column = columns.find((one) => one.name === name);
      if (column !== undefined) return column;
      throw new ConnectorError('invalid-option', `there is no column ${name}`, {
        kind: 'terminal',
        effect: 'none',
      });
    });
  }

  async *#pages(
    session: ReferenceSession,
    table: Table,
    columns: readonly ReferenceColumn[],
    pageRows: number,
    stream: StreamName,
  ): AsyncGenerator<{ columns: readonly ReferenceColumn[]; rows: TextRow[] }> {
    const select = (chosen: readonly ReferenceColumn[]): string =>
      `SELECT ${chosen.map((column) => selectOf(column, this.#quoted(column.name))).join(', ')} FROM ${table.relation}`;
    if (this.defect === 'schema-change-mid-read') {
      for (let offset = 0; ; offset += pageRows) {
        const now = (await this.#describe(session, stream)).columns;
        const rows = await session.query(
          `${select(now)} ORDER BY 1 LIMIT ${String(pageRows)} OFFSET ${String(offset)}`,
        );
        if (rows.length === 0) return;
        yield { columns: now, rows };
      }
    }
    await session.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    await session.query(`DECLARE rows NO SCROLL CURSOR FOR ${select(columns)}`);
    for (;;) {
      const rows = await Promise.race([
        session.query(`FETCH ${String(pageRows)} FROM rows`),
        ...(this.defect === 'slow-links' ? [pause(10).then((): TextRow[] => [])] : []),
      ]);
      if (rows.length === 0) return;
      yield { columns, rows };
    }
  }

  #batch(columns: readonly ReferenceColumn[], rows: readonly TextRow[]): RecordBatch {
    return batchOf(columns, rows, (column, value) => {
      const isThroughDate = this.defect === 'types-at-their-edges' && column.type.startsWith('timestamp');
      return isThroughDate && typeof value === 'bigint' ? (value / 1000n) * 1000n : value;
    });
  }
}

/** Takes all that there is, whether or not anybody wants it yet. */
async function* ahead<T>(pages: AsyncIterable<T>): AsyncGenerator<T> {
  const waiting: T[] = [];
  const all = (async () => {
    for await (const page of pages) waiting.push(page);
  })();
  all.catch(() => undefined);
  const state = { isDone: false };
  void all.finally(() => (state.isDone = true)).catch(() => undefined);
  while (!state.isDone || waiting.length > 0) {
    const page = waiting.shift();
    if (page === undefined) await pause(1);
    else yield page;
  }
  await all;
}
