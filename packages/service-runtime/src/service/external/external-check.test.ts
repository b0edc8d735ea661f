import { createServer, type Socket } from 'node:net';
import { failureBox } from '../../failure/failure-box.js';
import { ServiceFailure } from '../../failure/service-failure.js';
import type { Endpoint } from '../endpoint.js';
import { endpointVariables } from '../endpoint-variables.js';
import { objectStoreService } from '../object-store/object-store-service.js';
import { postgresService } from '../postgres/postgres-service.js';
import { redisService } from '../redis/redis-service.js';
import type { ServiceOffer } from '../running-service.js';
import type { ServiceDefinition } from '../service-definition.js';
import { checkExternal } from './external-check.js';

const never = new AbortController().signal;

/** Answers everything with this, or what is made of the request, then closes. `undefined`: never answers. */
async function answering(
  answer: string | ((request: string) => string) | undefined,
): Promise<AsyncDisposable & { port: number }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', (request) => {
      if (answer !== undefined) socket.end(typeof answer === 'string' ? answer : answer(String(request)));
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

/** As a run checks the server that the first of its variables names. */
const check = <E extends Endpoint>(
  definition: ServiceDefinition<E>,
  endpoint: E,
  signal = never,
): Promise<ServiceOffer> => {
  const [variable] = endpointVariables(definition.name).locating;
  return checkExternal(definition, endpoint, variable, signal);
};

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

async function failureOf(checked: Promise<unknown>): Promise<ServiceFailure> {
  const error: unknown = await checked.catch((reason: unknown) => reason);
  if (!(error instanceof ServiceFailure)) throw new Error('it did not fail as it should');
  expect(failureBox(error.report)).not.toContain('s3cr3t');
  return error;
}

describe('a server that somebody else runs', () => {
  test('is offered with its version when it answers', async () => {
    await using server = await answering(
      '+OK\r\n+PONG\r\n$30\r\nredis_version:7.0.15\r\nprocess_id:5\r\n+OK\r\n',
    );
    expect(await check(redisService, redis(server.port))).toEqual({
      service: 'redis',
      provider: 'external',
      endpoint: redis(server.port),
      version: 'Redis 7.0.15',
    });
    await using other = await answering(http('200 OK', '<ListAllMyBucketsResult/>'));
    expect(await check(objectStoreService, store(other.port))).toMatchObject({
      version: 'S3 (Fake)',
    });
  });

  test('is refused when it is too old', async () => {
    await using server = await answering('+OK\r\n+PONG\r\nredis_version:5.0.7\r\n');
    const { report } = await failureOf(check(redisService, redis(server.port)));
    expect(report).toMatchObject({ code: 'EXTERNAL_TOO_OLD', evidence: ['Redis 5.0.7'] });
    expect(report.summary).toContain('TEST_REDIS_HOST');
    expect(report.summary).toContain('version 6 or newer');
  });

  test.each(['-WRONGPASS invalid username-password pair', '-NOAUTH Authentication required.'])(
    'says whose account it does not accept: %s',
    async (reply) => {
      await using server = await answering(`${reply}\r\n`);
      const { report } = await failureOf(check(redisService, redis(server.port)));
      expect(report.code).toBe('EXTERNAL_REFUSED_CREDENTIALS');
      expect(report.next).toEqual([
        'Check the user and password: TEST_REDIS_USERNAME, TEST_REDIS_PASSWORD, TEST_REDIS_URI',
      ]);
    },
  );

  test.each(['InvalidAccessKeyId', 'SignatureDoesNotMatch'])('says the same of a store: %s', async (code) => {
    await using server = await answering(http('403 Forbidden', `<Error><Code>${code}</Code></Error>`));
    const { report } = await failureOf(check(objectStoreService, store(server.port)));
    expect(report.code).toBe('EXTERNAL_REFUSED_CREDENTIALS');
    expect(report.next).toEqual([
      'Check the user and password: TEST_S3_ACCESS_KEY, TEST_S3_SECRET_KEY, TEST_MINIO_ACCESS_KEY, TEST_MINIO_SECRET_KEY',
    ]);
  });

  test('is not taken for something else that listens there', async () => {
    await using server = await answering(http('200 OK', 'welcome'));
    for (const attempt of [
      () => check(redisService, redis(server.port)),
      () => check(objectStoreService, store(server.port)),
    ])
      expect((await failureOf(attempt())).code).toBe('EXTERNAL_NOT_REACHABLE');
  });

  test('cannot be reached where nobody listens, and the box says where that is', async () => {
    const server = await answering('');
    await server[Symbol.asyncDispose]();
    const account = { user: 'me', password: 's3cr3t', database: 'd' };
    for (const attempt of [
      () => check(redisService, redis(server.port)),
      () => check(objectStoreService, store(server.port)),
      () => check(postgresService, { host: '127.0.0.1', port: server.port, ...account }),
    ]) {
      const { report } = await failureOf(attempt());
      expect(report.code).toBe('EXTERNAL_NOT_REACHABLE');
      expect(report.summary).toContain(`127.0.0.1:${server.port}`);
      expect(report.evidence.join()).toContain('ECONNREFUSED');
    }
  });

  describe('whose account may not do all that tests need', () => {
    test.each([
      [['SET'], ['ACL SETUSER me +set ~*']],
      [
        ['ACL', 'SCAN', 'SET', 'UNLINK'],
        [
          'ACL SETUSER me +acl ~*',
          'ACL SETUSER me +scan ~*',
          'ACL SETUSER me +set ~*',
          'ACL SETUSER me +unlink ~*',
        ],
      ],
    ])('names what a Redis refuses: %j', async (refused, remedies) => {
      await using server = await answering((request) =>
        refused.some((command) => request.includes(`\r\n${command}\r\n`))
          ? '+OK\r\n-NOPERM User me has no permissions to run it\r\n+OK\r\n'
          : '+OK\r\n+PONG\r\n$24\r\nredis_version:7.0.15\r\n\r\n+OK\r\n',
      );
      const { report } = await failureOf(check(redisService, redis(server.port)));
      expect(report.code).toBe('EXTERNAL_LACKS_PRIVILEGE');
      expect(report.summary).toContain('TEST_REDIS_HOST');
      expect(report.evidence).toEqual(refused.map((command) => `user me may not ${command} on any key`));
      expect(report.next).toEqual(remedies.map((remedy) => `Let an administrator grant it: ${remedy}`));
    });

    const denied = http('403 Forbidden', '<Error><Code>AccessDenied</Code></Error>');
    const granted = http('200 OK', '<ListAllMyBucketsResult/>');
    const requestLine = (request: string): string => request.slice(0, request.indexOf(' HTTP'));

    test('names what a store refuses, and removes the bucket that it has made', async () => {
      const requests: string[] = [];
      await using server = await answering((request) => {
        requests.push(requestLine(request).replace(/sqlflow-check-[\w-]+/, 'bucket'));
        return request.includes('/object ') ? denied : granted;
      });
      const { report } = await failureOf(check(objectStoreService, store(server.port)));
      expect(report.code).toBe('EXTERNAL_LACKS_PRIVILEGE');
      expect(report.evidence).toEqual([
        'access key me may not s3:PutObject',
        'access key me may not s3:DeleteObject',
      ]);
      expect(report.next[0]).toContain('a policy that allows s3:PutObject');
      expect(requests).toEqual([
        'GET /',
        'PUT /bucket',
        'PUT /bucket/object',
        'DELETE /bucket/object',
        'DELETE /bucket',
      ]);
    });

    test('asks a store for nothing more once it has refused the bucket', async () => {
      let requests = 0;
      await using server = await answering((request) => {
        requests++;
        return requestLine(request) === 'GET /' ? granted : denied;
      });
      const { report } = await failureOf(check(objectStoreService, store(server.port)));
      expect(report.evidence).toEqual(['access key me may not s3:CreateBucket']);
      expect(requests).toBe(2);
    });
  });

  test('of a service that a workspace defines is probed', async () => {
    const own = (probe: ServiceDefinition['probe']): ServiceDefinition => ({
      name: 'my-cache',
      standardPort: 11211,
      packages: { debian: [], homebrew: [] },
      probe,
      endpoint: (address) => address,
    });
    const endpoint = { host: '::1', port: 1 };
    const answers = own(() => Promise.resolve('my cache 1.6'));
    expect(await check(answers, endpoint)).toEqual({
      service: 'my-cache',
      provider: 'external',
      endpoint,
      version: 'my cache 1.6',
    });
    const { report } = await failureOf(
      check(
        own(() => Promise.reject(new Error('it is asleep'))),
        endpoint,
      ),
    );
    expect(report).toMatchObject({ code: 'EXTERNAL_NOT_REACHABLE', evidence: ['it is asleep'] });
    expect(report.summary).toContain('TEST_MY_CACHE_HOST ([::1]:1)');
  });

  test('is given up with the reason of the signal', async () => {
    await using server = await answering(undefined);
    const told = new AbortController();
    const checked = check(redisService, redis(server.port), told.signal);
    told.abort(new Error('enough'));
    await expect(checked).rejects.toThrow('enough');
  });
});
