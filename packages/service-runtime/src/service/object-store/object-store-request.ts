import { type OutgoingHttpHeaders, request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { text } from 'node:stream/consumers';
import aws4 from 'aws4';
import type { ObjectStoreEndpoint } from '../endpoint.js';
import { hostAndPort } from '../variables.js';

/** Nobody waits for longer for an answer. Who probes gives up sooner. */
const requestTimeoutMs = 20_000;

/** What the store said no to; `code` is its own, such as `InvalidAccessKeyId`. */
export class ObjectStoreRefusal extends Error {
  override readonly name = 'ObjectStoreRefusal';

  constructor(
    readonly status: number,
    readonly code: string,
  ) {
    super(`the object store answered ${String(status)} ${code}`);
  }
}

export interface ObjectStoreAnswer {
  readonly status: number;
  readonly body: string;
  /** Its header `Server`. */
  readonly server: string | undefined;
}

/**
 * One signed request.
 *
 * @param path - `/`, or `/bucket`, or `/bucket/key`, of characters that need no escape.
 * @throws ObjectStoreRefusal for a status of 300 or more.
 */
export async function requestObjectStore(
  endpoint: ObjectStoreEndpoint,
  method: 'GET' | 'PUT' | 'DELETE',
  path: string,
  signal: AbortSignal,
): Promise<ObjectStoreAnswer> {
  const { accessKey, secretKey, region } = endpoint;
  const signed = aws4.sign(
    { method, host: hostAndPort(endpoint), path, service: 's3', region, headers: {} },
    { accessKeyId: accessKey, secretAccessKey: secretKey },
  );
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(requestTimeoutMs)]);
  const answer = await send(endpoint, method, path, { ...signed.headers }, deadline);
  if (answer.status < 300) return answer;
  throw new ObjectStoreRefusal(answer.status, /<Code>(\w+)<\/Code>/.exec(answer.body)?.[1] ?? notS3);
}

export const notS3 = 'something that is not S3';

function send(
  endpoint: ObjectStoreEndpoint,
  method: string,
  path: string,
  headers: OutgoingHttpHeaders,
  signal: AbortSignal,
): Promise<ObjectStoreAnswer> {
  const { host, port } = endpoint;
  return new Promise((resolve, reject) => {
    const request = endpoint.useTls ? tlsRequest : plainRequest;
    const sent = request({ host, port, method, path, headers, agent: false, signal });
    sent.once('error', reject);
    sent.once('response', (response) => {
      text(response).then((body) => {
        resolve({ status: response.statusCode ?? 0, body, server: [response.headers['server']].flat()[0] });
      }, reject);
    });
    sent.end();
  });
}
