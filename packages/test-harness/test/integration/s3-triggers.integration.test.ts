import { describeIntegration, type LeasedBucket, leaseBucket, toxicLink } from '@sqlflow/test-harness';
import { Agent, get as httpGet, type IncomingMessage, request } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { Client } from 'minio';
import { openTlsDoor } from './tls-door.js';

type Endpoint = LeasedBucket['endpoint'];

const MiB = 1024 * 1024;

function clientOf({ host, port, useTls, region, accessKey, secretKey }: Endpoint, agent?: Agent | TlsAgent) {
  return new Client({
    endPoint: host,
    port,
    useSSL: useTls,
    pathStyle: true,
    region,
    accessKey,
    secretKey,
    ...(agent && { transportAgent: agent }),
  });
}

/** The response to GET, and what has come of its body when it ended or broke. */
async function download(
  url: string,
  agent?: Agent,
): Promise<{ response: IncomingMessage; body: Buffer; broke: boolean }> {
  const [response] = (await once(httpGet(url, { ...(agent && { agent }) }), 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  let broke = false;
  response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => (broke = true));
  await new Promise((resolve) => response.on('close', resolve));
  return { response, body: Buffer.concat(chunks), broke };
}

describeIntegration('object-store', 'triggers of S3', { tags: ['fault'] }, () => {
  test('answer part 7 with SlowDown, and an upload that tries it again is whole', async () => {
    await using bucket = await leaseBucket();
    await using link = await toxicLink(bucket.endpoint);
    const slowDown = link.when(
      { protocol: 's3', method: 'PUT', query: { partNumber: '7' } },
      { do: 'answer', status: 503, code: 'SlowDown', retryAfterSeconds: 1 },
    );
    const client = clientOf(link.endpoint);
    const uploadId = await client.initiateNewMultipartUpload(bucket.name, 'big', {});
    const statuses: [number, number, string | null][] = [];
    const putPart = async (part: number, body: Buffer): Promise<{ part: number; etag: string }> => {
      const parameters = { partNumber: String(part), uploadId };
      const url = await client.presignedUrl('PUT', bucket.name, 'big', 60, parameters);
      const { status, headers } = await fetch(url, { method: 'PUT', body });
      statuses.push([part, status, headers.get('retry-after')]);
      return status === 503 ? putPart(part, body) : { part, etag: headers.get('etag') ?? '' };
    };
    const contents = [Buffer.alloc(5 * MiB, 'six'), Buffer.from('seven')];
    const parts = [await putPart(6, contents[0]!), await putPart(7, contents[1]!)];
    await client.completeMultipartUpload(bucket.name, 'big', uploadId, parts);
    expect(statuses).toEqual([
      [6, 200, null],
      [7, 503, '1'],
      [7, 200, null],
    ]);
    expect(slowDown.fired).toBe(1);
    const stored = await buffer(await bucket.client.getObject(bucket.name, 'big'));
    expect(stored.equals(Buffer.concat(contents))).toBe(true);
  });

  test('answer with code and Retry-After, the store has not seen the request, and the connection goes on', async () => {
    await using bucket = await leaseBucket();
    await using link = await toxicLink(bucket.endpoint);
    link.when(
      { protocol: 's3', method: 'PUT', path: `/${bucket.name}/a` },
      {
        do: 'answer',
        status: 503,
        code: 'SlowDown',
        message: 'Please reduce your request rate.',
        retryAfterSeconds: 2,
      },
    );
    const client = clientOf(link.endpoint);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const put = async (headers: Record<string, string> = {}) => {
      const sent = request(await client.presignedPutObject(bucket.name, 'a'), {
        method: 'PUT',
        agent,
        headers,
      });
      const response = once(sent, 'response') as Promise<[IncomingMessage]>;
      sent.end(Buffer.alloc(MiB));
      const [{ statusCode, headers: got }, body] = await response.then(
        async ([message]) => [message, String(await buffer(message))] as const,
      );
      return { statusCode, retryAfter: got['retry-after'], body };
    };
    expect(await put()).toEqual({
      statusCode: 503,
      retryAfter: '2',
      body: expect.stringContaining(
        '<Code>SlowDown</Code><Message>Please reduce your request rate.</Message>',
      ),
    });
    await expect(bucket.client.statObject(bucket.name, 'a')).rejects.toMatchObject({ code: 'NotFound' });
    expect(await put()).toMatchObject({ statusCode: 200 });
    expect(link.connections).toHaveLength(1);
    agent.destroy();
  });

  test('replace the response to a request that the store has done', async () => {
    await using bucket = await leaseBucket();
    await using link = await toxicLink(bucket.endpoint);
    link.when(
      { protocol: 's3', from: 'server', method: 'PUT', status: 200 },
      { do: 'answer', status: 500, code: 'InternalError', message: 'We encountered an internal error.' },
    );
    const url = await clientOf(link.endpoint).presignedPutObject(bucket.name, 'a');
    const response = await fetch(url, { method: 'PUT', body: 'one' });
    expect([response.status, await response.text()]).toEqual([500, expect.stringContaining('InternalError')]);
    expect(String(await buffer(await bucket.client.getObject(bucket.name, 'a')))).toBe('one');
  });

  test('truncate a body under a right Content-Length', async () => {
    await using bucket = await leaseBucket();
    await bucket.client.putObject(bucket.name, 'a', Buffer.alloc(10_000, 'x'));
    await using link = await toxicLink(bucket.endpoint);
    link.when({ protocol: 's3', from: 'server', method: 'GET' }, { do: 'truncate', bytes: 1_000 });
    const { response, body, broke } = await download(
      await clientOf(link.endpoint).presignedGetObject(bucket.name, 'a'),
    );
    expect(response.headers['content-length']).toBe('10000');
    expect(body).toHaveLength(1_000);
    expect(broke).toBe(true);
  });

  test('stall a body one byte before its end', async () => {
    await using bucket = await leaseBucket();
    await bucket.client.putObject(bucket.name, 'a', Buffer.alloc(3 * MiB, 'x'));
    await using link = await toxicLink(bucket.endpoint);
    link.when({ protocol: 's3', from: 'server', method: 'GET' }, { do: 'stall', beforeEnd: 1 });
    const url = await clientOf(link.endpoint).presignedGetObject(bucket.name, 'a');
    const [response] = (await once(httpGet(url), 'response')) as [IncomingMessage];
    let bytes = 0;
    await new Promise<void>((resolve) => {
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes === 3 * MiB - 1) resolve();
      });
    });
    const [connection] = link.connections;
    expect(connection?.downstream.passedBytes).toBe((connection?.downstream.receivedBytes ?? 0) - 1);
    expect(response.complete).toBe(false);
    response.destroy();
  });

  test('say that they cannot see what is encrypted, and toxics work on it', async () => {
    await using bucket = await leaseBucket();
    await using door = await openTlsDoor({ ...bucket.endpoint, useTls: true });
    const link = await toxicLink(door.endpoint);
    const trigger = link.when({ protocol: 's3' }, { do: 'reset', at: 'before' });
    const agent = new TlsAgent({ rejectUnauthorized: false });
    const client = clientOf(link.endpoint, agent);
    await client.putObject(bucket.name, 'a', 'one');
    await expect(trigger.firing()).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('cannot be read: the client begins with TLS'),
    });
    agent.destroy();
    link.add({ type: 'reset_peer', direction: 'downstream', afterBytes: 10 });
    const once = new Client({
      endPoint: link.endpoint.host,
      port: link.endpoint.port,
      useSSL: true,
      accessKey: 'a',
      secretKey: 'b',
      region: 'us-east-1',
      transportAgent: new TlsAgent({ rejectUnauthorized: false }),
      retryOptions: { disableRetry: true },
    });
    await expect(once.listBuckets()).rejects.toThrow(/reset|hang up|disconnected/i);
    await expect(link[Symbol.asyncDispose]()).rejects.toMatchObject({ code: 'unsupported' });
  });
});
