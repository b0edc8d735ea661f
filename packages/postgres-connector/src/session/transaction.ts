import { ConnectorError } from '@sqlflow/connector-contract';

export interface TransactionOptions {
  /** @defaultValue 'read committed': each statement sees what was committed when it began */
  readonly isolation?: 'read committed' | 'repeatable read' | 'serializable';
  /** `false` leaves it to the server whether the role may write. @defaultValue true */
  readonly readOnly?: boolean;
  /** An exported snapshot to see the database by. It needs an isolation of at least 'repeatable read'. */
  readonly snapshot?: string;
}

/** Limits that the server keeps. What is left out is as the server, the database or the role has it. */
export interface TransactionLimits {
  readonly statementTimeoutMs?: number | undefined;
  readonly lockTimeoutMs?: number | undefined;
  readonly idleInTransactionTimeoutMs?: number | undefined;
}

/** What the text of a value depends on, whatever the server, the database or the role has set. */
const settings = [
  ['datestyle', "'ISO, MDY'"],
  ['intervalstyle', "'postgres'"],
  ['timezone', "'UTC'"],
  ['bytea_output', "'hex'"],
  ['extra_float_digits', '1'],
] as const;

/**
 * The statements that open a transaction. Settings are local to it, so that they hold behind a pooler that hands the
 * server's connection to somebody else after each transaction, and do not reach that other one.
 *
 * @throws ConnectorError `invalid-option` for a snapshot that is none.
 */
export function openingStatements(options: TransactionOptions, limits: TransactionLimits): string[] {
  const { isolation = 'read committed', readOnly = true, snapshot } = options;
  const timeouts = [
    ['statement_timeout', limits.statementTimeoutMs],
    ['lock_timeout', limits.lockTimeoutMs],
    ['idle_in_transaction_session_timeout', limits.idleInTransactionTimeoutMs],
  ] as const;
  return [
    `BEGIN ISOLATION LEVEL ${isolation.toUpperCase()}${readOnly ? ' READ ONLY' : ''}`,
    // Before anything that takes a snapshot of its own.
    ...(snapshot === undefined ? [] : [`SET TRANSACTION SNAPSHOT '${checkedSnapshot(snapshot)}'`]),
    ...settings.map(([name, value]) => `SET LOCAL ${name} TO ${value}`),
    ...timeouts.flatMap(([name, ms]) => (ms === undefined ? [] : [`SET LOCAL ${name} TO ${String(ms)}`])),
  ];
}

/** SQL has no parameter for it. */
function checkedSnapshot(snapshot: string): string {
  if (/^[0-9A-Fa-f-]{1,64}$/.test(snapshot)) return snapshot;
  const message = `${JSON.stringify(snapshot.slice(0, 100))} is no snapshot; pg_export_snapshot() gives names such as "00000003-0000001B-1"`;
  throw new ConnectorError('invalid-option', message, { kind: 'terminal', effect: 'none' });
}
