import { type OutgoingHttpHeaders, request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { text } from 'node:stream/consumers';
import aws4 from 'aws4';
import type { ObjectStoreEndpoint } from '../endpoint.js';
import { hostAndPort } from '../endpoint-variables.js';
import type { Probe } from '../until-ready.js';

/** A request that hangs longer than this is given up and made again. */
const requestTimeoutMs = 5_000;

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

/** A signed ListBuckets: proves that the store answers S3, knows the key and checks the signature. */
export const probeObjectStore: Probe<ObjectStoreEndpoint> = async (endpoint, signal) => {
  const host = hostAndPort(endpoint);
  const { accessKey, secretKey, region } = endpoint;
  const signed = aws4.sign(
    { method: 'GET', host, path: '/', service: 's3', region, headers: {} },
    { accessKeyId: accessKey, secretAccessKey: secretKey },
  );
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(requestTimeoutMs)]);
  const answer = await get(endpoint, { ...signed.headers }, deadline);
  if (answer.status !== 200 || !answer.body.includes('ListAllMyBucketsResult')) {
    throw new ObjectStoreRefusal(
      answer.status,
      /<Code>(\w+)<\/Code>/.exec(answer.body)?.[1] ?? 'something that is not S3',
    );
  }
  return answer.server === undefined ? 'S3' : `S3 (${answer.server})`;
};

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly server: string | undefined;
}

function get(
  endpoint: ObjectStoreEndpoint,
  headers: OutgoingHttpHeaders,
  signal: AbortSignal,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = endpoint.useTls ? tlsRequest : plainRequest;
    const sent = request({
      host: endpoint.host,
      port: endpoint.port,
      path: '/',
      headers,
      agent: false,
      signal,
    });
    sent.once('error', reject);
    sent.once('response', (response) => {
      text(response).then((body) => {
        resolve({ status: response.statusCode ?? 0, body, server: [response.headers['server']].flat()[0] });
      }, reject);
    });
    sent.end();
  });
}
