// Reads a stream with little memory allowed, and tells how many rows and bytes came and how far its memory rose.
import { postgresSource, type PostgresSourceOptions } from '@sqlflow/postgres-connector';

const { options, stream } = JSON.parse(process.argv[2] ?? '') as {
  readonly options: PostgresSourceOptions;
  readonly stream: string;
};

await using source = postgresSource(options);
await source.discover();
const startBytes = process.memoryUsage.rss();
let mostBytes = startBytes;
let rows = 0;
let bytes = 0;
for await (const batch of source.read({ name: stream })) {
  rows += batch.numRows;
  for (const column of batch.data.children) bytes += column.byteLength;
  mostBytes = Math.max(mostBytes, process.memoryUsage.rss());
}
console.log(JSON.stringify({ rows, bytes, grownBytes: mostBytes - startBytes }));
