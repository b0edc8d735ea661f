// Reads one slice that another process has planned, and tells the numbers that it holds.
import type { Partition } from '@sqlflow/connector-contract';
import { rows } from '@sqlflow/connector-contract';
import { postgresSource, type PostgresSourceOptions } from '@sqlflow/postgres-connector';

const { options, partition } = JSON.parse(process.argv[2] ?? '') as {
  readonly options: PostgresSourceOptions;
  readonly partition: Partition;
};

await using source = postgresSource(options);
const ids: unknown[] = [];
for await (const row of rows(source.readPartition(partition, { columns: ['id'] }))) ids.push(row['id']);
console.log(JSON.stringify(ids));
