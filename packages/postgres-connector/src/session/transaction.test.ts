import { openingStatements } from './transaction.js';

test('a transaction reads only, and begins with the settings that values depend on, local to it', () => {
  expect(openingStatements({}, {})).toEqual([
    'BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY',
    "SET LOCAL datestyle TO 'ISO, MDY'",
    "SET LOCAL intervalstyle TO 'postgres'",
    "SET LOCAL timezone TO 'UTC'",
    "SET LOCAL bytea_output TO 'hex'",
    'SET LOCAL extra_float_digits TO 1',
  ]);
});

test('a snapshot is taken over before anything takes another', () => {
  const [begin, second] = openingStatements(
    { isolation: 'repeatable read', snapshot: '00000003-0000001B-1' },
    {},
  );
  expect(begin).toBe('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  expect(second).toBe("SET TRANSACTION SNAPSHOT '00000003-0000001B-1'");
});

test('what is no snapshot is refused, for it cannot be a parameter', () => {
  expect(() => openingStatements({ snapshot: "x'; DROP TABLE t; --" }, {})).toThrow('is no snapshot');
});

test('limits are set where they are given, and writing is asked for', () => {
  const limits = { statementTimeoutMs: 1, lockTimeoutMs: 2, idleInTransactionTimeoutMs: 3 };
  const statements = openingStatements({ isolation: 'serializable', readOnly: false }, limits);
  expect(statements[0]).toBe('BEGIN ISOLATION LEVEL SERIALIZABLE');
  expect(statements.slice(-3)).toEqual([
    'SET LOCAL statement_timeout TO 1',
    'SET LOCAL lock_timeout TO 2',
    'SET LOCAL idle_in_transaction_session_timeout TO 3',
  ]);
});
