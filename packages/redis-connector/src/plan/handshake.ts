import type { ResolvedRedisSourceOptions } from '../options.js';
import type { RedisCommand } from './scan-command.js';

/** What a new connection says before anything else. AUTH holds the password: it must reach no message and no log. */
export function handshake({
  username,
  password,
  database,
}: Pick<ResolvedRedisSourceOptions, 'username' | 'password' | 'database'>): readonly RedisCommand[] {
  const commands: RedisCommand[] = [];
  if (password) commands.push(['AUTH', ...(username === undefined ? [] : [username]), password.reveal()]);
  if (database !== 0) commands.push(['SELECT', String(database)]);
  return commands;
}
