import { ConnectorError, type ConnectorErrorCode, type Row } from '@sqlflow/connector-contract';
import type { RefusedRow } from './encode/refused-value.js';
import { serverDetail } from './errors.js';

/** A row that was not written, and why. */
export interface RejectedRow {
  /** As `rows()` gives it, or as it was given. */
  readonly row: Row;
  /** Its place among all rows of the write, from 0 on. */
  readonly index: number;
  readonly code: ConnectorErrorCode;
  /** What the server called it; absent if the row never came there. */
  readonly sqlState?: string;
  readonly column?: string;
  readonly constraint?: string;
  /** For people. It may hold values of the row. */
  readonly reason: string;
}

export type Rejection = Omit<RejectedRow, 'row' | 'index'>;

/** Classes of SQLSTATE that tell of the values of a row, and what a trigger raises. */
const ofRows: ReadonlySet<string> = new Set(['22', '23', 'P0']);
const checkOption = '44000';

/** Why a row never came to the server. */
export function refusalOf({ column, message }: RefusedRow): Rejection {
  return { code: 'invalid-data', column, reason: message };
}

/** Why the server refused a row, `undefined` for an error that is not of a row. */
export function rejectionOf(error: unknown): Rejection | undefined {
  if (!(error instanceof ConnectorError) || error.serverCode === undefined) return undefined;
  const { serverCode } = error;
  if (!ofRows.has(serverCode.slice(0, 2)) && serverCode !== checkOption) return undefined;
  const { column, constraint, message = error.message } = serverDetail(error);
  return {
    code: error.code,
    sqlState: serverCode,
    ...(column !== undefined && { column }),
    ...(constraint !== undefined && { constraint }),
    reason: message,
  };
}
