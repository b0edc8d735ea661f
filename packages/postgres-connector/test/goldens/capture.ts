// Captures what a real server sends, for src/decode/goldens.test.ts. Run from the root of the repository:
//   node --import ./tools/source-loader/register.mjs packages/postgres-connector/test/goldens/capture.ts postgres://user:password@host:port/database
// It needs psql on the PATH, writes only beside itself, and leaves nothing in the database.
import { systemClock } from '@sqlflow/resilience';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { Client } from 'pg';
import { RowStream } from '../../src/session/row-stream.js';
import { goldenQuery } from './golden-columns.js';

const [url = ''] = process.argv.slice(2);

function write(name: string, bytes: Uint8Array): void {
  writeFileSync(new URL(name, import.meta.url), bytes);
}

const copy = `SET timezone = 'UTC'; COPY (${goldenQuery}) TO STDOUT (FORMAT binary)`;
write('types.copy.bin', execFileSync('psql', ['--quiet', '--no-psqlrc', '--dbname', url, '--command', copy]));

const client = new Client({ connectionString: url });
await client.connect();
await client.query(`SET timezone = 'UTC'`);
const chunks: Uint8Array[] = [];
const sink = {
  describe: () => undefined,
  push: (chunk: Uint8Array) => (chunks.push(Buffer.from(chunk)), []),
  end: () => [],
};
const pipeline = { before: [], query: { sql: goldenQuery, parameters: [] }, binary: true, after: [] };
await client
  .query(new RowStream(pipeline, sink, { doing: 'capturing', clock: systemClock, silenceTimeoutMs: 10_000 }))
  .next();
await client.end();
write('types.rows.bin', Buffer.concat(chunks));
