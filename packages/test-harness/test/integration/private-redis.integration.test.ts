import { once } from 'node:events';
import { connect } from 'node:net';
import { startPrivateServer } from '@sqlflow/test-harness';
import { describePrivate } from './describe-private.js';
import { answerOf, redisOf } from './private-clients.js';

describePrivate('redis', 'a private Redis', () => {
  test('answers nothing while it is frozen, and goes on with the same connection once it is thawed', async () => {
    await using server = await startPrivateServer('redis');
    const redis = await redisOf(server);
    await server.freeze();
    const answer = redis.set('a', 'one');
    expect(await answerOf(answer)).toBe('silence');
    await server.thaw();
    expect(await answer).toBe('OK');
    redis.disconnect();
  });

  test('keeps all that it has acknowledged when it is killed and started again', async () => {
    await using server = await startPrivateServer('redis');
    const redis = await redisOf(server);
    for (let key = 0; key < 200; key += 1) await redis.set(`k${String(key)}`, 'v');
    await server.kill();
    await expect(redis.get('k0')).rejects.toThrow();
    await server.restart();
    const next = await redisOf(server);
    expect(await next.dbsize()).toBe(200);
    next.disconnect();
  });

  test('refuses clients once its connections are taken, and no more when they are given back', async () => {
    await using server = await startPrivateServer('redis', { maxConnections: 4 });
    {
      await using held = await server.exhaustConnections();
      expect(held.count).toBe(4);
      const socket = connect({ ...server.endpoint });
      const [answer] = (await once(socket, 'data')) as [Buffer];
      expect(answer.toString()).toMatch(/^-ERR max number of clients reached/);
      socket.destroy();
    }
    await using again = await server.exhaustConnections();
    expect(again.count).toBeGreaterThan(0);
  });
});
