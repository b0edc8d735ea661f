import { startPrivateServer } from '@sqlflow/test-harness';
import type { Redis } from 'ioredis';
import { pause } from '../../src/deadline.js';
import { describeLimited } from './describe-private.js';
import { clientOf, countOf, redisOf } from './private-clients.js';

const MiB = 1024 ** 2;
/** Redis looks once a second whether it can write again. */
async function untilWritten(redis: Redis): Promise<void> {
  for (const deadline = performance.now() + 10_000; performance.now() < deadline;) {
    const written = await redis.set('d', 'four').catch(() => undefined);
    if (written === 'OK') return;
    await pause(50);
  }
  throw new Error('Redis does not write again');
}

describeLimited('postgres', 'a private PostgreSQL with a limited disk', () => {
  test('refuses with 53100 when the disk is full, loses nothing, and works again when it has room', async () => {
    await using server = await startPrivateServer('postgres', { dataBytes: 64 * MiB });
    const client = await clientOf(server);
    await client.query('CREATE TABLE event AS SELECT generate_series(1, 1000) AS id');
    await server.fillDisk();
    const more = 'INSERT INTO event SELECT generate_series(1, 100000)';
    await expect(client.query(more)).rejects.toMatchObject({ code: '53100' });
    await expect(client.query(more)).rejects.toMatchObject({ code: '53100' });
    expect(await countOf(client)).toBe(1000);
    await server.freeDisk();
    await client.query(more);
    expect(await countOf(client)).toBe(101_000);
    await client.end();
  });

  test('goes on with what takes no room while the disk is full, however much it logs', async () => {
    await using server = await startPrivateServer('postgres', { dataBytes: 64 * MiB });
    const client = await clientOf(server);
    await client.query('CREATE TABLE event AS SELECT generate_series(1, 1000) AS id');
    await server.fillDisk();
    for (let round = 1; round <= 100; round += 1) await client.query('BEGIN; DELETE FROM event; ROLLBACK');
    expect(await countOf(client)).toBe(1000);
    await client.end();
  });

  test('has no more room than it was given', async () => {
    await using server = await startPrivateServer('postgres', { dataBytes: 40 * MiB });
    const client = await clientOf(server);
    await client.query('CREATE TABLE event (id int, text text)');
    const tooMuch = `INSERT INTO event SELECT i, repeat('x', 1000) FROM generate_series(1, 20000) AS i`;
    await expect(client.query(tooMuch)).rejects.toMatchObject({ code: '53100' });
    await client.end();
  });

  test('keeps its data when it is killed', async () => {
    await using server = await startPrivateServer('postgres', { dataBytes: 64 * MiB });
    const client = await clientOf(server);
    await client.query('CREATE TABLE event AS SELECT generate_series(1, 1000) AS id');
    await server.freeze();
    await server.kill();
    await server.restart();
    const next = await clientOf(server);
    expect(await countOf(next)).toBe(1000);
    await next.end();
  });

  test('says how much it needs when it is given too little', async () => {
    await expect(startPrivateServer('postgres', { dataBytes: 8 * MiB })).rejects.toThrow(
      /^\[service-unavailable\] .* dataBytes is 8388608 .* takes 28 MiB/,
    );
  });
});

describeLimited('redis', 'a private Redis with a limited disk', () => {
  test('refuses to write when the disk is full, and works again when it has room', async () => {
    await using server = await startPrivateServer('redis', { dataBytes: 4 * MiB });
    const redis = await redisOf(server);
    await redis.set('a', 'one');
    await server.fillDisk();
    // The write that finds no room is still answered: only then does Redis know.
    await redis.set('b', 'x'.repeat(8192)).catch(() => undefined);
    await expect(redis.set('c', 'three')).rejects.toThrow(/^MISCONF/);
    expect(await redis.get('a')).toBe('one');
    await server.freeDisk();
    await untilWritten(redis);
    redis.disconnect();
  });
});
