import type { HttpRequest } from './http.js';

/** An error of S3: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
export interface S3Failure {
  readonly status: number;
  readonly code: string;
  readonly message?: string;
  readonly retryAfterSeconds?: number;
}

export const continueResponse = Buffer.from('HTTP/1.1 100 Continue\r\n\r\n');

/** A response that leaves the connection open. To HEAD it has no body, as everywhere. */
export function errorOf(
  { status, code, message = 'a fault that the test has set', retryAfterSeconds }: S3Failure,
  { method, path }: HttpRequest,
): Buffer {
  const body = Buffer.from(
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
      `<Error><Code>${escaped(code)}</Code><Message>${escaped(message)}</Message>` +
      `<Resource>${escaped(path)}</Resource><RequestId>fault</RequestId></Error>`,
  );
  const head = [
    `HTTP/1.1 ${status} Fault`,
    'Content-Type: application/xml',
    `Content-Length: ${body.length}`,
    ...(retryAfterSeconds === undefined ? [] : [`Retry-After: ${retryAfterSeconds}`]),
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), ...(method === 'HEAD' ? [] : [body])]);
}

function escaped(text: string): string {
  return text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
}
