import type { PostgresAction, PostgresMatch } from '../../fault/trigger/match.js';
import type { SeededRandom } from '../seeded-random.js';
import type { ProtocolFault } from '../source/source-fixture.js';

/** Whichever way the rows come, by DataRow or by CopyData: what does not come disturbs nobody. */
export function postgresFaults(random: SeededRandom): ProtocolFault[] {
  const row = (message: 'DataRow' | 'CopyData'): PostgresMatch => ({
    protocol: 'postgres',
    from: 'server',
    message,
    nth: random.integer(1, 1900),
  });
  const server = { protocol: 'postgres', from: 'server' } as const;
  const client = { protocol: 'postgres', from: 'client' } as const;
  const fatal = (sqlState: string): PostgresAction => ({ do: 'answer', severity: 'FATAL', sqlState });
  const shutDown = fatal('57P01');
  return [
    fault(row('DataRow'), { do: 'reset', at: 'before' }),
    fault(row('DataRow'), { do: 'close', at: 'after' }),
    fault(row('CopyData'), { do: 'reset', at: 'before' }),
    // The server is stopped or restarted in the middle of a read.
    fault(row('DataRow'), shutDown),
    fault(row('CopyData'), shutDown),
    fault({ ...server, message: 'CommandComplete', nth: 2 }, { do: 'reset', at: 'before' }),
    fault({ ...server, message: 'RowDescription' }, { do: 'reset', at: 'after' }),
    fault({ ...client, message: 'Parse', nth: 2 }, { do: 'answer', sqlState: '40001' }),
    // It starts, or has no connection left.
    fault({ ...client, message: 'StartupMessage' }, fatal('57P03')),
    fault({ ...client, message: 'StartupMessage' }, fatal('53300')),
  ];
}

function fault(match: PostgresMatch, action: PostgresAction): ProtocolFault {
  const how = action.do === 'answer' ? action.sqlState : action.do;
  return {
    what: `${how} at ${match.message} ${String(match.nth ?? 1)}`,
    set: (link) => link.when(match, action, { optional: true }),
  };
}
