import { readFile } from 'node:fs/promises';

// The example of the README, line for line.
import { once } from 'node:events';
import { connect } from 'node:net';
import { describeIntegration, startPrivateServer } from '@sqlflow/test-harness';

describeIntegration(['postgres', 'redis'], 'an outage', { tags: ['fault'] }, () => {
  test('of a server that stands still, and then dies', async () => {
    await using server = await startPrivateServer('redis');
    const client = connect(server.endpoint); // here the code under test would have its own
    client.write('SET order 7\r\n');
    await once(client, 'data');

    await server.freeze();
    const answer = once(client, 'data');
    client.write('GET order\r\n'); // nobody answers
    await server.thaw();
    expect(String(await answer)).toBe('$1\r\n7\r\n');

    const closed = once(client, 'close');
    await server.kill();
    await closed;
    await server.restart(); // on the same port, and the order is still 7
  });

  test('of a server that takes nobody any more', async () => {
    await using server = await startPrivateServer('postgres', { maxConnections: 10 });
    await using held = await server.exhaustConnections();
    expect(held.count).toBe(10); // and the next one is refused with 53300
  });
});
// The end of the example.

describe('the README', () => {
  test('shows the example that has just run', async () => {
    const [readme, source] = await Promise.all([
      readFile(new URL('../../README.md', import.meta.url), 'utf8'),
      readFile(new URL(import.meta.url), 'utf8'),
    ]);
    const example = /\/\/ The example of the README.*\n([\s\S]*)\/\/ The end of the example/.exec(
      source,
    )?.[1];
    expect(readme).toContain(example);
  });
});
