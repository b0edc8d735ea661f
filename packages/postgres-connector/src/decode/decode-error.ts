import { ConnectorError } from '@sqlflow/connector-contract';

/** The bytes are not what the protocol promises: the stream was damaged, or its columns are not the planned ones. */
export function protocolViolation(what: string): ConnectorError {
  return new ConnectorError('protocol-violation', what, { kind: 'terminal', effect: 'none' });
}

/** A valid value of the server's that the column's Arrow type cannot hold. The message never holds the value of a row. */
export function unrepresentable(column: string, what: string): ConnectorError {
  return new ConnectorError('invalid-data', `column "${column}" ${what}`, {
    kind: 'terminal',
    effect: 'none',
  });
}
