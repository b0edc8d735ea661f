import { ConnectorError } from './connector-error.js';

/** A value cannot be had in the form that was asked for. */
export function unrepresentable(column: string, what: string): ConnectorError {
  return new ConnectorError('invalid-data', `column "${column}" ${what}`, {
    kind: 'terminal',
    effect: 'none',
  });
}
