import type { Connection } from 'pg';
import { protocolOf } from './protocol-connection.js';
import type { Query } from './query.js';

/** Statements that go to the server together: one round trip, whose answer has one end. After an error none is run. */
export interface Pipeline {
  /** Statements without rows that come first. */
  readonly before: readonly string[];
  readonly query: Query;
  /** Whether the values come in the binary format. */
  readonly binary: boolean;
  /** Statements without rows that come after the last row. */
  readonly after: readonly string[];
}

/** No statement has a name: a pooler may give the next one to another connection of the server, which would not know it. */
export function sendPipeline(connection: Connection, { before, query, binary, after }: Pipeline): void {
  const protocol = protocolOf(connection);
  const run = ({ sql, parameters }: Query, isDescribed: boolean): void => {
    protocol.parse({ text: sql, name: '', types: [] });
    protocol.bind({ portal: '', statement: '', values: parameters, binary });
    if (isDescribed) protocol.describe({ type: 'P', name: '' });
    protocol.execute({ portal: '', rows: 0 });
  };
  const runAll = (statements: readonly string[]): void => {
    for (const sql of statements) run({ sql, parameters: [] }, false);
  };
  // As one write, not one a message.
  connection.stream.cork();
  try {
    runAll(before);
    run(query, true);
    runAll(after);
    protocol.sync();
  } finally {
    connection.stream.uncork();
  }
}
