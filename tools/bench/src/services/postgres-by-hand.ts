import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, runByHand, startByHand } from './by-hand.js';
import { queryPostgres, selectOne } from './first-query.js';
import { whileLeased } from './lease-here.js';

/** The programs, the settings and the account of the runtime's own PostgreSQL, so that all that differs is who starts it. */
export interface PostgresRecipe {
  readonly programs: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly settings: readonly string[];
  readonly account: { readonly user: string; readonly password: string; readonly database: string };
}

const sqlForFolders = `
  SELECT max(setting) FILTER (WHERE name = 'BINDIR') AS bin, max(setting) FILTER (WHERE name = 'LIBDIR') AS lib
  FROM pg_config()`;
const sqlForSettings = `
  SELECT name || '=' || setting AS setting FROM pg_settings WHERE source = 'command line' AND name <> 'port'`;

/** Asks a server that the runtime started. */
export function recipeOfPostgres(workspaceRoot: string): Promise<PostgresRecipe> {
  return whileLeased(workspaceRoot, ['postgres'], async ({ postgres }) => {
    if (postgres === undefined) throw new Error('PostgreSQL was leased and not offered');
    const [folders] = await queryPostgres(postgres, sqlForFolders);
    const settings = await queryPostgres(postgres, sqlForSettings);
    const { user, password, database } = postgres;
    return {
      programs: String(folders?.['bin']),
      environment: { LD_LIBRARY_PATH: String(folders?.['lib']) },
      settings: settings.flatMap(({ setting }) => ['-c', String(setting)]),
      account: { user, password, database },
    };
  });
}

/** Makes a data folder as one does by hand. */
export async function initializeByHand(
  { programs, environment, account }: PostgresRecipe,
  data: string,
): Promise<void> {
  const passwordFile = `${data}.password`;
  writeFileSync(passwordFile, account.password);
  const args = [
    '-D',
    data,
    '-U',
    account.user,
    '--pwfile',
    passwordFile,
    '-A',
    'scram-sha-256',
    '-E',
    'UTF8',
    '-N',
  ];
  await runByHand({ file: join(programs, 'initdb'), args: [...args, '--locale', 'C.UTF-8'], environment });
}

/** @returns milliseconds from before the start to the answer to SELECT 1. */
export async function startPostgresByHand(recipe: PostgresRecipe, data: string): Promise<number> {
  const port = await freePort();
  const command = {
    file: join(recipe.programs, 'postgres'),
    args: ['-D', data, '-p', String(port), ...recipe.settings],
    environment: recipe.environment,
  };
  const endpoint = { host: '127.0.0.1', port, ...recipe.account };
  return await startByHand(command, () => selectOne(endpoint), 'SIGQUIT');
}
