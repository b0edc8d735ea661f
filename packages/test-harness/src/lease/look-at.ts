import type { ObjectStoreEndpoint, PostgresEndpoint, RedisEndpoint } from '@sqlflow/service-runtime';

/** The line for a shell that opens a database. The password is named by its variable, and is not in it. */
export function psqlLine({ host, port, user, database }: PostgresEndpoint, schema?: string): string {
  const options = schema === undefined ? '' : `PGOPTIONS=${quoted(`-c search_path=${schema}`)} `;
  const where = ['-h', host, '-p', String(port), '-U', user, '-d', database].map(quoted).join(' ');
  return `${options}PGPASSWORD="$TEST_POSTGRES_PASSWORD" psql ${where}`;
}

/** The same for the keys of a key space, as the user of the server: that of the lease has no right to look around. */
export function redisLine(
  { host, port, username, password }: RedisEndpoint,
  { prefix, database }: { readonly prefix: string; readonly database: number },
): string {
  const account = [
    ...(username === undefined ? [] : ['--user', username]),
    ...(database === 0 ? [] : ['-n', String(database)]),
  ];
  const where = ['-h', host, '-p', String(port), ...account].map(quoted).join(' ');
  const secret = password === undefined ? '' : 'REDISCLI_AUTH="$TEST_REDIS_PASSWORD" ';
  return `${secret}redis-cli ${where} --scan${prefix === '' ? '' : ` --pattern ${quoted(`${prefix}*`)}`}`;
}

/** The same for a bucket. */
export function bucketLine({ host, port, useTls, region }: ObjectStoreEndpoint, bucket: string): string {
  const secrets = 'AWS_ACCESS_KEY_ID="$TEST_S3_ACCESS_KEY" AWS_SECRET_ACCESS_KEY="$TEST_S3_SECRET_KEY"';
  const url = `http${useTls ? 's' : ''}://${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
  return `${secrets} aws --region ${quoted(region)} --endpoint-url ${quoted(url)} s3 ls --recursive ${quoted(`s3://${bucket}`)}`;
}

/** As a POSIX shell reads it back, whatever is in it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
