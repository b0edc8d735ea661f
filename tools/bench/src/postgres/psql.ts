import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import type { PostgresEndpoint } from '@sqlflow/service-runtime';
import type { Contender } from '../frame/measure.js';

/** What psql says of itself, `undefined` if there is none on the PATH. */
export function psqlVersion(): string | undefined {
  const { stdout, status } = spawnSync('psql', ['--version'], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

/**
 * A command of psql, its start included.
 *
 * @param output - A file; what was in it is gone.
 */
export function psqlContender(
  row: string,
  { host, port, user, password, database }: PostgresEndpoint,
  command: string,
  output = '/dev/null',
): Contender {
  const args = ['-X', '-q', '-h', host, '-p', String(port), '-U', user, '-d', database, '-c', command];
  return {
    name: row,
    run: async () => {
      const file = openSync(output, 'w');
      const begin = performance.now();
      const psql = spawn('psql', args, {
        stdio: ['ignore', file, 'inherit'],
        env: { ...process.env, PGPASSWORD: password, PGSSLMODE: 'disable' },
      });
      const [code] = (await once(psql, 'exit')) as [number | null];
      const tookMs = performance.now() - begin;
      closeSync(file);
      if (code !== 0) throw new Error(`psql ended with ${String(code)}`);
      return { [row]: { value: tookMs, unit: 'ms' } };
    },
  };
}
