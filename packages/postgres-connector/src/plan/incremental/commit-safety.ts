import { ConnectorError } from '@sqlflow/connector-contract';
import type { CatalogRow, Query } from '../catalog.js';
import type { CommitGuarantee, OpenTransaction } from './commit-guarantee.js';
import type { Ago } from './position.js';
import type { UnseenWriters } from './unseen-writers.js';

/**
 * How rows are found that are committed after rows of greater cursors were read.
 *
 * - `auto`: where the cursor is a `timestamptz` that the server's clock stamps and the role sees the other sessions, a read is held
 *   back: what is stamped at or after the beginning of any open transaction of the database is left to a later read. Else by row
 *   versions if there are any, else not at all.
 * - `row-version`: the rows are asked which transaction wrote them. True for any cursor and any clock, and an update that leaves
 *   the cursor as it is is found too; but there is no index on that, so each read looks at the whole table (see `lagMs`).
 * - `none`: they are not looked for.
 */
export type CommitSafety = 'auto' | 'row-version' | 'none';

export interface SafetyRequest {
  readonly commitSafety: CommitSafety;
  readonly lagMs?: number | undefined;
  readonly maxHoldBackMs?: number | undefined;
}

/** What the server told of other sessions, before the snapshot of the read was taken. */
export interface Activity {
  readonly isStandby: boolean;
  /** The role may see when the transactions of others began. */
  readonly seesAll: boolean;
  readonly preparedTransactions: number;
  /** Sessions that do not tell what they do (`track_activities`). */
  readonly silentSessions: number;
  readonly now: string;
  /** Nothing that was not seen to be open stamps below this. */
  readonly before: string;
  /** How far that lies behind the server's clock. */
  readonly heldBackMs: number;
  /** The oldest open transaction, if that is why. */
  readonly oldest: OpenTransaction | undefined;
}

/** How a pass is to be made. */
export interface PassChoice {
  /** Rows are asked which transaction wrote them. */
  readonly byVersion: boolean;
  /** Exclusive: so much before a time. What is stamped later is left to a later read. */
  readonly before?: Ago;
  /** Nothing can be stamped below `before` any more. */
  readonly isFinal: boolean;
  /** Rows stamped earlier than so much before the last read are not looked for. */
  readonly lagMs?: number;
  readonly guarantee: CommitGuarantee;
}

/**
 * A transaction reads the clock some microseconds before it can be seen to be open, or longer if its process is made to wait just
 * then. Of a table the rows below the bound are looked at again; without versions nothing is, and the bound keeps this much of a
 * distance. A container that has used up its time waits for 100 ms by default.
 */
export const unseenMs = 250;

/**
 * Asks what is going on.
 *
 * @param leastMs - How far behind the clock to stay in any case.
 */
export function askActivity(leastMs: number): Query {
  // Autovacuum and replication senders open long transactions and write no row of a table. A session is seen to be active just
  // before its transaction is, and a procedure that commits stamps by statement_timestamp() with the beginning of its call. What
  // is prepared leaves the sessions after it can be counted, and it is counted after they were looked at: for the row that FROM
  // makes.
  return {
    sql: `
SELECT pg_catalog.pg_is_in_recovery() AS is_standby,
  pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE') AS sees_all,
  (SELECT count(*) FROM pg_catalog.pg_prepared_xacts WHERE database = pg_catalog.current_database()) AS prepared,
  (SELECT count(*) FROM pg_catalog.pg_stat_activity
    WHERE datname = pg_catalog.current_database() AND state = 'disabled') AS silent,
  now::pg_catalog.text AS now, COALESCE(oldest.since, settled)::pg_catalog.text AS before,
  EXTRACT(epoch FROM now - COALESCE(oldest.since, settled)) * 1000 AS held_back_ms,
  oldest.pid, oldest.since::pg_catalog.text AS since, oldest.state, oldest.application_name
FROM pg_catalog.statement_timestamp() AS now
  CROSS JOIN LATERAL (SELECT now - $1::pg_catalog.text::pg_catalog.interval AS settled) AS _
  LEFT JOIN LATERAL (
    SELECT * FROM (
      SELECT pid, LEAST(xact_start, CASE WHEN state = 'active' THEN query_start END) AS since, state, application_name
      FROM pg_catalog.pg_stat_activity
      WHERE datname = pg_catalog.current_database() AND pid <> pg_catalog.pg_backend_pid()
        AND backend_type NOT IN ('autovacuum worker', 'walsender')
    ) AS session
    WHERE since < settled ORDER BY since LIMIT 1
  ) AS oldest ON true`,
    parameters: [`${String(leastMs)} milliseconds`],
  };
}

export function toActivity(row: CatalogRow): Activity {
  return {
    isStandby: row['is_standby'] === 't',
    seesAll: row['sees_all'] === 't',
    preparedTransactions: Number(row['prepared']),
    silentSessions: Number(row['silent']),
    now: row['now'] ?? '',
    before: row['before'] ?? '',
    heldBackMs: Number(row['held_back_ms']),
    oldest:
      row['pid'] === null
        ? undefined
        : {
            pid: Number(row['pid']),
            since: row['since'] ?? '',
            state: row['state'] ?? '',
            applicationName: row['application_name'] ?? '',
          },
  };
}

/** The column of the cursor, and why the rows do not tell who wrote them, if they do not. */
export interface CursorFacts {
  readonly typeOid: number;
  readonly typeModifier: number;
  readonly sqlType: string;
  readonly withoutVersions: string | undefined;
  readonly unseenWriters: UnseenWriters | undefined;
}

const timestamptz = 1184;
/** timestamptz, timestamp, date. */
const times: readonly number[] = [timestamptz, 1114, 1082];
/** Of a `timestamptz` that keeps all microseconds. A shorter one is rounded, and so may lie before its transaction began. */
const fullPrecision: readonly number[] = [-1, 6];

/**
 * Chooses the way of a pass, and says what can be claimed for it.
 *
 * @param transactions - Of the server: how many were running, and whether all others are known.
 * @throws ConnectorError `invalid-option` for what cannot be had of this stream.
 */
export function choosePass(
  request: SafetyRequest,
  cursor: CursorFacts,
  activity: Activity,
  transactions: { readonly running: number; readonly isWhole: boolean },
): PassChoice {
  const { commitSafety, lagMs } = request;
  const byVersion = cursor.withoutVersions === undefined && commitSafety !== 'none';
  if (commitSafety === 'none') {
    return {
      byVersion,
      isFinal: false,
      guarantee: { kind: 'none', because: "the option commitSafety is 'none'" },
    };
  }
  if (commitSafety === 'row-version' && !byVersion) {
    const what = `commitSafety 'row-version' needs a table, and this is ${cursor.withoutVersions ?? ''}`;
    throw refused(`${what}; choose 'auto', or lagMs`);
  }
  if (lagMs !== undefined) {
    if (!times.includes(cursor.typeOid)) {
      throw refused(
        `option "lagMs" needs a cursor that is a time or a date, and this one is ${cursor.sqlType}`,
      );
    }
    // Without versions there is no telling what has been given, so nothing is looked at twice.
    const waited = !byVersion && { before: { at: activity.now, lessMs: lagMs } };
    return { byVersion, ...waited, isFinal: false, lagMs, guarantee: lagGuarantee(lagMs, cursor, activity) };
  }
  const obstacle =
    commitSafety === 'row-version'
      ? 'row versions were asked for'
      : (whyNotHeldBack(request, cursor, activity) ?? (transactions.isWhole ? undefined : cutOff));
  if (obstacle === undefined) {
    const { before, heldBackMs, oldest } = activity;
    const whom = oldest !== undefined && { for: oldest };
    const guarantee: CommitGuarantee = { kind: 'held-back', before, heldBackMs, ...whom };
    return { byVersion, before: { at: before, lessMs: 0 }, isFinal: true, guarantee };
  }
  if (!byVersion) {
    const because = `${obstacle}, and this is ${cursor.withoutVersions ?? ''}`;
    return { byVersion, isFinal: false, guarantee: { kind: 'none', because } };
  }
  const guarantee: CommitGuarantee = activity.isStandby
    ? onStandby
    : { kind: 'row-version', ...transactions, because: obstacle };
  return { byVersion, isFinal: false, guarantee };
}

export const onStandby = {
  kind: 'none',
  because: 'the server is a standby, which does not tell what runs on its primary',
} as const satisfies CommitGuarantee;

/** What was stamped before and lies beyond the cut would never be looked at again. */
const cutOff =
  'so many transactions of the server are running, or for so long, that not all others are known';

function lagGuarantee(
  lagMs: number,
  { unseenWriters }: CursorFacts,
  { isStandby }: Activity,
): CommitGuarantee {
  if (unseenWriters?.evenWithLag === true) return { kind: 'none', because: unseenWriters.because };
  return isStandby
    ? {
        kind: 'none',
        because: 'the server is a standby, which may be behind its primary by more than any lag',
      }
    : { kind: 'lag', lagMs };
}

function whyNotHeldBack(
  { maxHoldBackMs = Infinity }: SafetyRequest,
  { typeOid, typeModifier, sqlType, unseenWriters }: CursorFacts,
  { isStandby, seesAll, preparedTransactions, silentSessions, heldBackMs, oldest }: Activity,
): string | undefined {
  if (typeOid !== timestamptz || !fullPrecision.includes(typeModifier)) {
    return `a cursor of type ${sqlType} is not bound by when transactions began`;
  }
  if (unseenWriters !== undefined) return unseenWriters.because;
  if (isStandby) return onStandby.because;
  if (!seesAll) {
    return 'the role may not see when the transactions of others began (GRANT pg_read_all_stats)';
  }
  if (preparedTransactions > 0) {
    return `${String(preparedTransactions)} prepared transactions are open, and do not tell when they began`;
  }
  if (silentSessions > 0) {
    return `${String(silentSessions)} sessions do not tell what they do (track_activities is off)`;
  }
  if (heldBackMs > maxHoldBackMs) {
    const why =
      oldest === undefined
        ? `, since that is at least ${String(unseenMs)} ms for what has no row versions`
        : ` by pid ${String(oldest.pid)}, open since ${oldest.since}`;
    return `it would be held back for longer than ${String(maxHoldBackMs)} ms (maxHoldBackMs)${why}`;
  }
  return undefined;
}

function refused(message: string): ConnectorError {
  return new ConnectorError('invalid-option', message, { kind: 'terminal', effect: 'none' });
}
