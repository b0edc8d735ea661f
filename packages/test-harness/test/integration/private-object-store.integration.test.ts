import { describeIntegration, startPrivateServer } from '@sqlflow/test-harness';
import { answerOf } from './private-clients.js';

describeIntegration('object-store', 'a private object store', { tags: ['fault'] }, () => {
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
