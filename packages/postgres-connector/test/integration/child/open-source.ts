import { type PostgresSource, postgresSource } from '@sqlflow/postgres-connector';

interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

export function open({ host, port, user, password, database }: Endpoint): PostgresSource {
  return postgresSource({ host, port, user, password, database });
}
