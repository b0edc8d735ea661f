import type { LeasedDatabase } from '@sqlflow/test-harness';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, chmodSync, chownSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';

/** A pooler in transaction mode before a database, on a Unix socket. */
export interface Pgbouncer extends AsyncDisposable {
  /** The folder of the socket. */
  readonly host: string;
  readonly port: number;
}

/** Debian has it in a folder that is on the PATH of root alone. */
export const pgbouncerProgram = findProgram('pgbouncer');

function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin'];
  return folders
    .map((folder) => join(folder, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** @param poolSize - Most connections that it has to the server. */
export async function startPgbouncer({ endpoint }: LeasedDatabase, poolSize: number): Promise<Pgbouncer> {
  if (pgbouncerProgram === undefined)
    throw new Error('pgbouncer is not installed; ./integration installs it');
  const folder = mkdtempSync(join(tmpdir(), 'pgbouncer-'));
  const file = join(folder, 'pgbouncer.ini');
  const { host, port, database, user, password } = endpoint;
  // A socket in a folder of its own needs no free port. It takes everybody for the user of the database.
  const settings = `[databases]
${database} = host=${host} port=${String(port)} dbname=${database} user=${user} password=${password}
[pgbouncer]
listen_addr =
unix_socket_dir = ${folder}
listen_port = 6432
auth_type = any
pool_mode = transaction
default_pool_size = ${String(poolSize)}
max_client_conn = 100
`;
  writeFileSync(file, settings, { mode: 0o600 });
  // It does not run as root, and ends with the process that started it.
  const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  if (nobody.uid !== undefined) {
    chmodSync(folder, 0o700);
    for (const owned of [folder, file]) chownSync(owned, nobody.uid, nobody.gid);
  }
  const tied: string[] = process.platform === 'linux' ? ['setpriv', '--pdeathsig', 'KILL', '--'] : [];
  const command = [...tied, pgbouncerProgram, file];
  const child = spawn(command[0] ?? '', command.slice(1), { stdio: ['ignore', 'ignore', 'pipe'], ...nobody });
  const end = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await untilUp(child);
  } catch (error) {
    await end();
    throw error;
  }
  return { host: folder, port: 6432, [Symbol.asyncDispose]: end };
}

/** It says so in its log when it listens. */
async function untilUp(child: ChildProcess): Promise<void> {
  const said: string[] = [];
  if (child.stderr === null) throw new Error('pgbouncer has no log');
  child.on('error', (error) => said.push(error.message));
  const lines = createInterface(child.stderr);
  for await (const line of lines) {
    said.push(line);
    if (line.includes('process up')) {
      child.stderr.resume();
      return;
    }
  }
  throw new Error(`pgbouncer did not start:\n${said.join('\n')}`);
}
