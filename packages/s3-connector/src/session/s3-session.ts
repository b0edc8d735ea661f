import { isUtf8 } from 'node:buffer';
import * as http from 'node:http';
import * as https from 'node:https';
import { Client } from 'minio';
import { protocolError } from '../errors.js';
import type { ResolvedS3SourceOptions } from '../options.js';

export interface S3Answer {
  readonly status: number;
  readonly body: string;
  /** The `Server` header. */
  readonly server?: string;
}

/** Ten times the longest page that 1000 keys of the longest kind can make. */
const longestAnswerBytes = 64 * 1024 * 1024;

/** Sends signed requests over connections that it keeps and, in the end, closes. */
export class S3Session implements Disposable {
  readonly #options: ResolvedS3SourceOptions;
  readonly #agent: http.Agent;

  constructor(options: ResolvedS3SourceOptions) {
    const { endpoint, certificateAuthority } = options;
    this.#options = options;
    this.#agent = endpoint.useTls
      ? new https.Agent({
          keepAlive: true,
          ...(certificateAuthority !== undefined && { ca: certificateAuthority }),
        })
      : new http.Agent({ keepAlive: true });
  }

  /**
   * @returns The answer, whatever its status.
   * @throws What Node says of the connection, as it is. An abort closes the connection.
   */
  async get(bucketName: string, query: string, signal: AbortSignal | undefined): Promise<S3Answer> {
    let status = 0;
    const { request } = this.#options.endpoint.useTls ? https : http;
    const send = (options: http.RequestOptions, onResponse: (response: http.IncomingMessage) => void) =>
      request({ ...options, ...(signal && { signal }) }, (response) => {
        status = response.statusCode ?? 0;
        // minio throws away what a store says with a 5xx, and leaves it unread. So it is shown a success,
        // and the status is judged above.
        response.statusCode = 200;
        onResponse(response);
      });
    // minio calls its transport in this one way of the several that Node offers.
    const client = this.#client({ request: send as typeof http.request });
    const response = await client.makeRequestAsync(
      { method: 'GET', bucketName, query },
      '',
      [200],
      this.#options.region,
    );
    const { server } = response.headers;
    return { status, body: await readText(response), ...(typeof server === 'string' && { server }) };
  }

  /** Closes every connection, those in use as well. */
  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  /** One for each request, since the abort of a request has no other way in; nothing is opened by it. */
  #client(transport: Pick<typeof http, 'request'>): Client {
    const { endpoint, region, accessKey, secretKey, sessionToken, pathStyle } = this.#options;
    return new Client({
      endPoint: endpoint.host,
      port: endpoint.port,
      useSSL: endpoint.useTls,
      region,
      accessKey,
      secretKey: secretKey.reveal(),
      ...(sessionToken && { sessionToken: sessionToken.reveal() }),
      pathStyle,
      transport,
      transportAgent: this.#agent,
      retryOptions: { disableRetry: true },
    });
  }
}

async function readText(response: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > longestAnswerBytes) throw protocolError(`more than ${String(longestAnswerBytes)} bytes`);
    chunks.push(chunk);
  }
  const whole = Buffer.concat(chunks);
  if (!isUtf8(whole)) throw protocolError('it is not UTF-8');
  return whole.toString();
}
