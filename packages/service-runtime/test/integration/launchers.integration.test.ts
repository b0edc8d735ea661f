import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Host, type PostgresEndpoint, ServiceFailure, systemClock, thisHost } from '../../src/index.js';
import { locatePostgres } from '../../src/service/postgres/postgres-binaries.js';
import { postgresLauncher } from '../../src/service/postgres/postgres-launcher.js';
import { queryPostgres } from '../../src/service/postgres/postgres-probe.js';
import type { RunningService } from '../../src/service/running-service.js';

interface Launched extends AsyncDisposable {
  readonly running: RunningService<PostgresEndpoint>;
}

/** Starts PostgreSQL without a supervisor. */
async function launchPostgres(host: Host): Promise<Launched> {
  const dataFolder = mkdtempSync(join(host.dataFolder ?? tmpdir(), 'sqlflow-launcher-'));
  if (host.serverAccount) chownSync(dataFolder, host.serverAccount.uid, host.serverAccount.gid);
  const logFile = join(tmpdir(), `sqlflow-launcher-${String(process.pid)}.log`);
  const signal = AbortSignal.timeout(30_000);
  const record = (): void => undefined;
  const running = await postgresLauncher.launch({
    host,
    clock: systemClock,
    dataFolder,
    logFile,
    port: 0,
    signal,
    record,
  });
  return {
    running,
    [Symbol.asyncDispose]: async () => {
      await running.stop();
      rmSync(dataFolder, { recursive: true });
      rmSync(logFile);
    },
  };
}

const signal = new AbortController().signal;

test('PostgreSQL runs with the settings of a server whose data is thrown away, and asks for a password', async () => {
  await using server = await launchPostgres(thisHost());
  const { endpoint } = server.running;
  const rows = await queryPostgres(
    endpoint,
    `SELECT name, setting FROM pg_settings WHERE name IN
     ('fsync', 'synchronous_commit', 'full_page_writes', 'wal_level', 'listen_addresses', 'unix_socket_directories')`,
    signal,
  );
  expect(Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))).toEqual({
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    wal_level: 'minimal',
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
  });
  await expect(queryPostgres({ ...endpoint, password: 'wrong' }, 'SELECT 1', signal)).rejects.toMatchObject({
    code: '28P01',
  });
});

/** For this platform npm has no programs: those of the system are used. */
const withoutPackage: Host = { ...thisHost(), architecture: 'none' };

function systemHasPostgres(): boolean {
  try {
    return locatePostgres(withoutPackage).origin === 'system';
  } catch (error) {
    if (error instanceof ServiceFailure) return false;
    throw error;
  }
}

if (systemHasPostgres()) {
  test("the system's PostgreSQL is used where npm has none for the platform", async () => {
    await using server = await launchPostgres(withoutPackage);
    expect(server.running.version).toMatch(/^PostgreSQL \d+/);
  });
} else {
  test('without programs from npm or from the system, PostgreSQL is said to be missing', () => {
    expect(() => locatePostgres(withoutPackage)).toThrow(/BINARY_MISSING/);
  });
}
