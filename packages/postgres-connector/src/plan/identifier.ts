import { ConnectorError } from '@sqlflow/connector-contract';

/**
 * Quotes a name so that the server reads it as a name, whatever it holds.
 *
 * @throws ConnectorError `invalid-option` for NUL, which ends a query text and which no name can hold.
 */
export function quoteIdentifier(name: string): string {
  if (name.includes('\0')) {
    throw new ConnectorError('invalid-option', `the name ${JSON.stringify(name)} holds a NUL character`, {
      kind: 'terminal',
      effect: 'none',
    });
  }
  return `"${name.replaceAll('"', '""')}"`;
}

export function quoteQualified(namespace: string, name: string): string {
  return `${quoteIdentifier(namespace)}.${quoteIdentifier(name)}`;
}
