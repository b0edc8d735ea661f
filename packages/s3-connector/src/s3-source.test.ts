import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ObjectInfo, s3Source, type S3SourceOptions } from './index.js';

/** Status and body, or how many bytes of the body to send before the connection is cut. */
type Answer = readonly [status: number, body: string, cutAfter?: number];

/** A server that gives the next of `answers` to each request, and notes their URLs and headers. */
async function scripted(...answers: Answer[]) {
  const asked: { url: string; headers: Record<string, unknown> }[] = [];
  const server = createServer((request, response) => {
    asked.push({ url: request.url ?? '', headers: request.headers });
    const [status, body, cutAfter] = answers.shift() ?? [500, ''];
    response.writeHead(status, { 'content-length': String(Buffer.byteLength(body)), server: 'script' });
    if (cutAfter === undefined) response.end(body);
    else response.write(body.slice(0, cutAfter), () => request.socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const options: S3SourceOptions = {
    endpoint: { host: '127.0.0.1', port, useTls: false },
    bucket: 'orders',
    accessKey: 'reader',
    secretKey: 'hunter2-hunter2',
    retry: { initialDelayMs: 1 },
  };
  return {
    options,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const page = (key: string, next?: string): string =>
  `<ListBucketResult><IsTruncated>${String(next !== undefined)}</IsTruncated>` +
  `<Contents><Key>${key}</Key><LastModified>2026-11-22T11:34:43.437Z</LastModified><ETag>"e"</ETag><Size>1</Size></Contents>` +
  `${next === undefined ? '' : `<NextContinuationToken>${next}</NextContinuationToken>`}</ListBucketResult>`;

const error = (code: string): string => `<Error><Code>${code}</Code><Message>why</Message></Error>`;

async function keysOf(objects: AsyncIterable<ObjectInfo>): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of objects) keys.push(key);
  return keys;
}

describe('s3Source, with a server that follows a script', () => {
  test('a page that is throttled is asked for again, from where the listing is', async () => {
    await using server = await scripted([200, page('a', 't')], [503, error('SlowDown')], [200, page('b')]);
    await using source = s3Source(server.options);
    expect(await keysOf(source.listObjects())).toEqual(['a', 'b']);
    expect(
      server.asked.map(({ url }) => new URL(url, 'http://x').searchParams.get('continuation-token')),
    ).toEqual([null, 't', 't']);
  });

  test.each<[Answer, string]>([
    [[503, error('SlowDown')], 'throttled'],
    [[500, error('InternalError')], 'unavailable'],
    [[502, '<html>Bad Gateway'], 'unavailable'],
    [[429, ''], 'throttled'],
    [[200, page('a'), 40], 'connection-lost'],
  ])('%j is tried three times and then rejected as %s', async (answer, code) => {
    await using server = await scripted(answer, answer, answer, [200, page('a')]);
    await using source = s3Source(server.options);
    await expect(source.testConnection()).rejects.toMatchObject({ code, kind: 'transient' });
    expect(server.asked).toHaveLength(3);
  });

  test.each<[Answer, string, string]>([
    [[403, error('AccessDenied')], 'privilege', 'permission-denied'],
    [[404, error('NoSuchBucket')], 'container', 'not-found'],
    [[404, '<html>Not Found'], 'authentication', 'protocol-violation'],
    [[200, '<html></html>'], 'authentication', 'protocol-violation'],
    [[200, page('a').slice(0, -5)], 'authentication', 'protocol-violation'],
    [[200, page('%FF')], 'authentication', 'protocol-violation'],
  ])('%j is asked for once and fails the stage of %s with %s', async (answer, failedStage, failureCode) => {
    const [status, body] = answer;
    const escaped = body.replace('<ListBucketResult>', '<ListBucketResult><EncodingType>url</EncodingType>');
    await using server = await scripted([status, escaped]);
    await using source = s3Source(server.options);
    expect(await source.testConnection()).toMatchObject({ ok: false, failedStage, failureCode });
    expect(server.asked).toHaveLength(1);
  });

  test('says what answered, and asks for one key only', async () => {
    await using server = await scripted([200, page('a', 't')]);
    await using source = s3Source(server.options);
    expect(await source.testConnection()).toMatchObject({ ok: true, server: 'script' });
    expect(server.asked[0]?.url).toBe('/orders?encoding-type=url&list-type=2&max-keys=1&prefix=');
  });

  test('signs with the session token and sends no secret', async () => {
    await using server = await scripted([200, page('a')]);
    await using source = s3Source({ ...server.options, sessionToken: 'a-token', region: 'eu-central-1' });
    await source.testConnection();
    const [request] = server.asked;
    expect(request?.headers['x-amz-security-token']).toBe('a-token');
    expect(request?.headers['authorization']).toMatch(
      /^AWS4-HMAC-SHA256 Credential=reader\/\d+\/eu-central-1\/s3\//,
    );
    expect(JSON.stringify(server.asked)).not.toContain('hunter2');
  });
});
