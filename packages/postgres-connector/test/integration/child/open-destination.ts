import { type PostgresDestination, postgresDestination } from '@sqlflow/postgres-connector';

interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

export function open({ host, port, user, password, database }: Endpoint): PostgresDestination {
  return postgresDestination({ host, port, user, password, database });
}
