import { randomUUID } from 'node:crypto';
import type { RedisEndpoint } from '../endpoint.js';
import { isAboutPrivilege } from '../external/external-check.js';
import { type MissingPrivilege, requirePrivileges, requireVersion } from '../external/external-failure.js';
import type { ServiceDefinition } from '../service-definition.js';
import { redisLauncher } from './redis-launcher.js';
import { askRedis, probeRedis, sendRedis } from './redis-probe.js';

/** ACL users, by which tests get key spaces of their own, are new in 6. */
const oldestVersion = 6;

export const redisService: ServiceDefinition<RedisEndpoint> = {
  name: 'redis',
  standardPort: 6379,
  local: redisLauncher,
  packages: { debian: ['redis-server'], homebrew: ['redis'] },
  probe: probeRedis,
  endpoint: ({ host, port }) => ({ host, port }),

  checkExternal: async (endpoint, signal, variable) => {
    const { version } = await askRedis(endpoint, signal);
    requireVersion('redis', variable, version, oldestVersion);
    const found = await Promise.all(needed().map((command) => lacks(endpoint, command, signal)));
    requirePrivileges('redis', variable, found.flat());
    return version;
  },
};

/** One harmless use of each kind of command that tests need. The key is nobody's, and ends by itself. */
function needed(): string[][] {
  const key = `sqlflow-check:${randomUUID()}`;
  return [
    ['ACL', 'USERS'],
    ['SCAN', '0', 'COUNT', '1'],
    ['SET', key, '', 'PX', '1000'],
    ['UNLINK', key],
  ];
}

async function lacks(
  endpoint: RedisEndpoint,
  command: readonly string[],
  signal: AbortSignal,
): Promise<MissingPrivilege[]> {
  try {
    await sendRedis(endpoint, [command], signal);
    return [];
  } catch (error) {
    if (!isAboutPrivilege(error)) throw error;
    const account = endpoint.username ?? 'default';
    const [name = ''] = command;
    return [
      {
        privilege: `user ${account} may not ${name} on any key`,
        remedy: `ACL SETUSER ${account} +${name.toLowerCase()} ~*`,
      },
    ];
  }
}
