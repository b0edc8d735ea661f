import { ConnectorError } from '@sqlflow/connector-contract';
import type { Connection } from 'pg';

/** The messages of the extended protocol, as `pg` sends them. Its type declarations are of another age. */
export interface ProtocolConnection {
  parse(message: { text: string; name: string; types: number[] }): void;
  bind(message: {
    portal: string;
    statement: string;
    values: readonly (string | null)[];
    binary: boolean;
  }): void;
  describe(message: { type: 'P' | 'S'; name: string }): void;
  execute(message: { portal: string; rows: number }): void;
  sync(): void;
}

/** @throws ConnectorError `unsupported` if the installed `pg` has no such connection. */
export function protocolOf(connection: Connection): ProtocolConnection {
  const candidate: unknown = connection;
  if (isProtocolConnection(candidate)) return candidate;
  throw new ConnectorError('unsupported', 'the installed version of pg cannot be asked for binary results', {
    kind: 'terminal',
    effect: 'none',
  });
}

function isProtocolConnection(candidate: unknown): candidate is ProtocolConnection {
  return ['parse', 'bind', 'describe', 'execute', 'sync'].every(
    (method) => typeof Reflect.get(Object(candidate) as object, method) === 'function',
  );
}
