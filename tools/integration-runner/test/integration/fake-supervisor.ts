import { mkdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { runtimeFolders, thisHost } from '@sqlflow/service-runtime';

export interface FakeSupervisor extends AsyncDisposable {
  /** The kinds of request that it got, and answered none of. */
  readonly asked: readonly string[];
}

/** Listens where the supervisor of a workspace does, greets, and breaks off at the first request. */
export async function fakeSupervisor(root: string): Promise<FakeSupervisor> {
  const { control, socket, workspace } = runtimeFolders(root, thisHost());
  const asked: string[] = [];
  const server = createServer((connection) => {
    connection.on('error', () => undefined);
    connection.write(`${JSON.stringify({ kind: 'greeting', version: '1', pid: process.pid, workspace })}\n`);
    connection.once('data', (line) => {
      asked.push((JSON.parse(String(line)) as { kind: string }).kind);
      connection.destroy();
    });
  });
  mkdirSync(control, { recursive: true });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(socket, resolve));
  return {
    asked,
    [Symbol.asyncDispose]: async () => {
      await new Promise((resolve) => server.close(resolve));
      rmSync(control, { recursive: true, force: true });
    },
  };
}
