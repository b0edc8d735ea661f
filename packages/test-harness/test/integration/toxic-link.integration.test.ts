import { once } from 'node:events';
import { createServer as createTlsServer, connect as connectTls } from 'node:tls';
import {
  describeIntegration,
  leaseBucket,
  leaseDatabase,
  leaseKeyspace,
  toxicLink,
} from '@sqlflow/test-harness';
import { Redis } from 'ioredis';
import { Client as S3Client } from 'minio';
import pg from 'pg';
import { testCertificate } from './certificate.js';
import { LeasingProcess } from './child-process.js';

describeIntegration('postgres', 'a link to PostgreSQL', () => {
  test('breaks a query in the middle of its rows, and the next connection reads them all', async () => {
    await using database = await leaseDatabase();
    await using link = await toxicLink(database.endpoint, {
      script: [{ type: 'reset_peer', afterBytes: 100_000, connections: [1] }],
    });
    const outcomes: unknown[] = [];
    for (let attempt = 1; attempt <= 2; attempt++) {
      const client = new pg.Client(link.endpoint);
      client.on('error', () => undefined);
      await client.connect();
      const rows = client.query('SELECT generate_series(1, 50000)').then(({ rowCount }) => rowCount);
      outcomes.push(await rows.catch((error: unknown) => error));
      await client.end().catch(() => undefined);
    }
    expect(outcomes).toEqual([expect.objectContaining({ code: 'ECONNRESET' }), 50_000]);
  });
});

describeIntegration('redis', 'a link to Redis', () => {
  test('refuses the first two connections, and then all is well', async () => {
    await using keyspace = await leaseKeyspace();
    await using link = await toxicLink(keyspace.endpoint, {
      script: [{ type: 'down', connections: [1, 2] }],
    });
    const delays: number[] = [];
    const client = new Redis({
      ...link.endpoint,
      retryStrategy: (times) => {
        delays.push(times);
        return 1;
      },
    });
    client.on('error', () => undefined);
    await client.set(`${keyspace.prefix}a`, 'one');
    expect(await client.get(`${keyspace.prefix}a`)).toBe('one');
    expect(delays).toEqual([1, 2]);
    client.disconnect();
  });
});

describeIntegration('object-store', 'a link to the object store', () => {
  test('slices and slows requests and answers without changing them', async () => {
    await using bucket = await leaseBucket();
    if (bucket.endpoint.useTls) return; // its certificate names another host
    await using link = await toxicLink(bucket.endpoint);
    for (const direction of ['upstream', 'downstream'] as const) {
      link.add({ type: 'slicer', averageBytes: 500, variationBytes: 400, direction });
      link.add({ type: 'latency', latencyMs: 3, jitterMs: 3, direction });
    }
    const { host, port, useTls, accessKey, secretKey, region } = link.endpoint;
    const client = new S3Client({ endPoint: host, port, useSSL: useTls, accessKey, secretKey, region });
    const body = Buffer.from(Array.from({ length: 200_000 }, (_, index) => index % 251));
    await client.putObject(bucket.name, 'a', body);
    const chunks: Buffer[] = [];
    for await (const chunk of await client.getObject(bucket.name, 'a')) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).equals(body)).toBe(true);
  });
});

test('toxics work on a connection that speaks TLS', async () => {
  const server = createTlsServer(testCertificate, (client) => {
    client.on('error', () => undefined);
    client.pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  {
    await using link = await toxicLink({ host: '127.0.0.1', port });
    const client = connectTls({ port: link.endpoint.port, host: '127.0.0.1', ca: testCertificate.cert });
    await once(client, 'secureConnect');
    link.add({ type: 'slicer', averageBytes: 10, delayMs: 1 });
    client.write('hello');
    expect(String((await once(client, 'data'))[0])).toBe('hello');
    link.add({ type: 'reset_peer' });
    const [error] = (await once(client, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNRESET');
  }
  server.close();
  await once(server, 'close');
});

describe('a process', () => {
  test('ends by itself though a link, its connections and the timers of its toxics are open', async () => {
    await using child = new LeasingProcess('open-link.ts');
    expect(await child.next()).toEqual({ connections: 1 });
    expect(await child.finish()).toBe(0);
  });

  test('passes 1 GiB to a slow reader in little memory', async () => {
    await using child = new LeasingProcess('big-stream.ts');
    const { bytes, grownMiB } = await child.next<{ bytes: number; grownMiB: number }>();
    expect(bytes).toBe(1024 ** 3);
    expect(grownMiB).toBeLessThan(64);
  });
});
