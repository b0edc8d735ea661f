import { ConnectorError } from '@sqlflow/connector-contract';
import {
  type PostgresDestinationOptions,
  type PostgresWriteOptions,
  resolveDestinationOptions,
  resolveRowWriteOptions,
  resolveWriteOptions,
} from './destination-options.js';

const connection = { host: 'localhost', database: 'd', user: 'u' };
const upsert = { mode: 'upsert', key: ['id'] } as const;

test('what is left out has a default', () => {
  expect(resolveDestinationOptions(connection)).toMatchObject({
    schema: 'public',
    checkpointTable: 'sqlflow_checkpoint',
    maxConnections: 4,
  });
  expect(resolveWriteOptions({ mode: 'append' })).toEqual({
    ...{ mode: 'append', key: [], duplicateKeys: 'last', createTable: false, addColumns: false },
  });
});

test('a connection can be told by its URI', () => {
  const { host, database } = resolveDestinationOptions({ uri: 'postgres://u:p@localhost/d' });
  expect({ host, database }).toEqual({ host: 'localhost', database: 'd' });
});

test.each<[object, RegExp]>([
  [{ numericAs: 'text' }, /option "numericAs" is unknown/],
  [{ schema: ['a'] }, /option "schema" is of type object/],
  [{ checkpointTable: '' }, /option "checkpointTable" is ""/],
  [{ host: '/tmp', tls: 'require' }, /option "tls.mode"/],
])('the option %j is refused', (changes, message) => {
  const given = { ...connection, ...changes } as PostgresDestinationOptions;
  expect(() => resolveDestinationOptions(given)).toThrow(message);
});

test.each<[object, RegExp]>([
  [{ mode: 'merge' }, /mode is "merge"; it must be 'append'/],
  [{ mode: 'upsert' }, /key must name at least one column for mode 'upsert'/],
  [{ mode: 'delete', key: [] }, /key must name at least one column for mode 'delete'/],
  [{ mode: 'upsert', key: ['id', 'id'] }, /key names "id" twice/],
  [{ ...upsert, deadLetters: {} }, /deadLetters .* must have onReject, table or both/],
  [{ ...upsert, deadLetters: { table: 't' }, duplicateKeys: 'error' }, /use one of them/],
  [{ mode: 'append', createTables: true }, /there is no option "createTables"/],
])('the write option %j is refused', (given, message) => {
  const resolve = (): unknown => resolveWriteOptions(given as PostgresWriteOptions);
  expect(resolve).toThrow(message);
  expect(resolve).toThrow(ConnectorError);
});

test('a table is not created for plain objects, which have no types', () => {
  const given = { mode: 'append', createTable: true } as const;
  expect(() => resolveRowWriteOptions(given)).toThrow('there is no option "createTable"');
});
