import { startPrivateServer } from '@sqlflow/test-harness';
import { describePrivate } from './describe-private.js';
import { answerOf } from './private-clients.js';

describePrivate('object-store', 'a private object store', () => {
  test('can be frozen, thawed and killed, and says why it cannot be restarted', async () => {
    await using server = await startPrivateServer('object-store');
    const ask = () => fetch(`http://${server.endpoint.host}:${String(server.endpoint.port)}/`);
    await server.freeze();
    const answer = ask();
    expect(await answerOf(answer)).toBe('silence');
    await server.thaw();
    expect((await answer).status).toBeGreaterThan(0);
    await expect(server.restart()).rejects.toThrow(/^\[unsupported\] .* in the memory of its processes/);
    expect((await ask()).status).toBeGreaterThan(0);
    await server.kill();
    await expect(ask()).rejects.toThrow();
  });
});
