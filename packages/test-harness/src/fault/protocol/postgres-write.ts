/** What a PostgreSQL server says when it fails. */
export interface PostgresFailure {
  /** After `FATAL` the server closes the connection. */
  readonly severity: 'ERROR' | 'FATAL';
  /** Five digits or capitals, such as 40001. */
  readonly sqlState: string;
  readonly message: string;
}

export function errorResponse({ severity, sqlState, message }: PostgresFailure): Buffer {
  const fields = [`S${severity}`, `V${severity}`, `C${sqlState}`, `M${message}`];
  return typed('E', `${fields.join('\0')}\0\0`);
}

export function query(sql: string): Buffer {
  return typed('Q', `${sql}\0`);
}

/** Of the unnamed statement, without types of parameters. */
export function parse(sql: string): Buffer {
  return typed('P', `\0${sql}\0\0\0`);
}

export function copyFail(reason: string): Buffer {
  return typed('f', `${reason}\0`);
}

function typed(type: string, content: string): Buffer {
  const bytes = Buffer.from(`${type}\0\0\0\0${content}`);
  bytes.writeUInt32BE(bytes.length - 1, 1);
  return bytes;
}
