import type { PostgresEndpoint } from '../endpoint.js';
import { requirePrivileges, requireVersion } from '../external/external-failure.js';
import type { ServiceDefinition } from '../service-definition.js';
import { postgresLauncher } from './postgres-launcher.js';
import { probePostgres, queryPostgres } from './postgres-probe.js';

/** CREATE DATABASE … STRATEGY, by which tests get databases of their own, is new in 15. */
const oldestVersion = 15;

export const postgresService: ServiceDefinition<PostgresEndpoint> = {
  name: 'postgres',
  standardPort: 5432,
  local: postgresLauncher,
  // Only where the npm package has no programs for the platform.
  packages: { debian: ['postgresql'], homebrew: ['postgresql@15'] },
  probe: probePostgres,

  endpoint: ({ host, port }, environment) => {
    const user = environment['POSTGRES_USER'] ?? 'postgres';
    const password = environment['POSTGRES_PASSWORD'] ?? 'postgres';
    return { host, port, user, password, database: environment['POSTGRES_DB'] ?? user };
  },

  checkExternal: async (endpoint, signal, variable) => {
    const sql = `SELECT current_setting('server_version') AS version, rolsuper OR rolcreatedb AS allowed
                 FROM pg_roles WHERE rolname = current_user`;
    const [row] = await queryPostgres(endpoint, sql, signal);
    const version = `PostgreSQL ${String(row?.['version']).replace(/ .*/, '')}`;
    requireVersion('postgres', variable, version, oldestVersion);
    const may = row?.['allowed'] === true;
    const privilege = `role ${endpoint.user} may not create databases`;
    const remedy = `ALTER ROLE "${endpoint.user}" CREATEDB`;
    requirePrivileges('postgres', variable, may ? [] : [{ privilege, remedy }]);
    return version;
  },
};
