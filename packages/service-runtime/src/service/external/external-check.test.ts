import { createServer, type Socket } from 'node:net';
import { failureBox } from '../../failure/failure-box.js';
import { ServiceFailure } from '../../failure/service-failure.js';
import { checkExternal } from './external-check.js';

const never = new AbortController().signal;

/** Answers everything with this, then closes. `undefined`: never answers. */
async function answering(answer: string | undefined): Promise<AsyncDisposable & { port: number }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => {
      if (answer !== undefined) socket.end(answer);
    });
  });
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve));
  return {
    port: (server.address() as { port: number }).port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const redis = (port: number) => ({ host: '127.0.0.1', port, username: 'me', password: 's3cr3t' });
const store = (port: number) => ({
  host: '127.0.0.1',
  port,
  useTls: false,
  region: 'us-east-1',
  accessKey: 'me',
  secretKey: 's3cr3t',
});
const http = (status: string, body: string): string =>
  `HTTP/1.1 ${status}\r\nServer: Fake\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

async function failureOf(check: Promise<unknown>): Promise<ServiceFailure> {
  const error: unknown = await check.catch((reason: unknown) => reason);
  if (!(error instanceof ServiceFailure)) throw new Error('it did not fail as it should');
  expect(failureBox(error.report)).not.toContain('s3cr3t');
  return error;
}

describe('a server that somebody else runs', () => {
  test('is offered with its version when it answers', async () => {
    await using server = await answering(
      '+OK\r\n+PONG\r\n$30\r\nredis_version:7.0.15\r\nprocess_id:5\r\n+OK\r\n',
    );
    expect(await checkExternal('redis', redis(server.port), never)).toEqual({
      service: 'redis',
      provider: 'external',
      endpoint: redis(server.port),
      version: 'Redis 7.0.15',
    });
    await using other = await answering(http('200 OK', '<ListAllMyBucketsResult/>'));
    expect(await checkExternal('object-store', store(other.port), never)).toMatchObject({
      version: 'S3 (Fake)',
    });
  });

  test('is refused when it is too old', async () => {
    await using server = await answering('+OK\r\n+PONG\r\nredis_version:5.0.7\r\n');
    const { report } = await failureOf(checkExternal('redis', redis(server.port), never));
    expect(report).toMatchObject({ code: 'EXTERNAL_TOO_OLD', evidence: ['Redis 5.0.7'] });
    expect(report.summary).toContain('TEST_REDIS_HOST');
    expect(report.summary).toContain('version 6 or newer');
  });

  test.each(['-WRONGPASS invalid username-password pair', '-NOAUTH Authentication required.'])(
    'says whose account it does not accept: %s',
    async (reply) => {
      await using server = await answering(`${reply}\r\n`);
      const { report } = await failureOf(checkExternal('redis', redis(server.port), never));
      expect(report.code).toBe('EXTERNAL_REFUSED_CREDENTIALS');
      expect(report.next).toEqual(['Check the user and password: TEST_REDIS_USERNAME, TEST_REDIS_PASSWORD']);
    },
  );

  test.each(['InvalidAccessKeyId', 'SignatureDoesNotMatch'])('says the same of a store: %s', async (code) => {
    await using server = await answering(http('403 Forbidden', `<Error><Code>${code}</Code></Error>`));
    const { report } = await failureOf(checkExternal('object-store', store(server.port), never));
    expect(report.code).toBe('EXTERNAL_REFUSED_CREDENTIALS');
  });

  test('is not taken for something else that listens there', async () => {
    await using server = await answering(http('200 OK', 'welcome'));
    for (const check of [
      () => checkExternal('redis', redis(server.port), never),
      () => checkExternal('object-store', store(server.port), never),
    ])
      expect((await failureOf(check())).code).toBe('EXTERNAL_NOT_REACHABLE');
  });

  test('cannot be reached where nobody listens, and the box says where that is', async () => {
    const server = await answering('');
    await server[Symbol.asyncDispose]();
    const account = { user: 'me', password: 's3cr3t', database: 'd' };
    for (const check of [
      () => checkExternal('redis', redis(server.port), never),
      () => checkExternal('object-store', store(server.port), never),
      () => checkExternal('postgres', { host: '127.0.0.1', port: server.port, ...account }, never),
    ]) {
      const { report } = await failureOf(check());
      expect(report.code).toBe('EXTERNAL_NOT_REACHABLE');
      expect(report.summary).toContain(`127.0.0.1:${server.port}`);
      expect(report.evidence.join()).toContain('ECONNREFUSED');
    }
  });

  test('is given up with the reason of the signal', async () => {
    await using server = await answering(undefined);
    const told = new AbortController();
    const check = checkExternal('redis', redis(server.port), told.signal);
    told.abort(new Error('enough'));
    await expect(check).rejects.toThrow('enough');
  });
});
