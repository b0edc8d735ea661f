import { ConnectorError } from '@sqlflow/connector-contract';

export interface Query {
  readonly sql: string;
  readonly parameters: readonly (string | null)[];
}

/** A row of a small query, every value as the text that the server sent. */
export type TextRow = Readonly<Record<string, string | null>>;

/** The server has sent nothing for as long as it may. */
export function silence(doing: string, silenceTimeoutMs: number): ConnectorError {
  const message = `${doing} failed: the server sent nothing for ${String(silenceTimeoutMs)} ms (silenceTimeoutMs)`;
  return new ConnectorError('timeout', message, { kind: 'transient', effect: 'none' });
}
