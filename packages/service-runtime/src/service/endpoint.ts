/** Where a running PostgreSQL is, and an account that may create databases. */
export interface PostgresEndpoint {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** The database to connect to first. Tests lease databases of their own. */
  readonly database: string;
}

/** Where a running S3-compatible store is, and an account that may create buckets. */
export interface ObjectStoreEndpoint {
  readonly host: string;
  readonly port: number;
  readonly useTls: boolean;
  readonly region: string;
  readonly accessKey: string;
  readonly secretKey: string;
}

/** Where a running Redis is. No username and no password means that it asks for none. */
export interface RedisEndpoint {
  readonly host: string;
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
}

/** The endpoint of each service, by name. */
export interface Endpoints {
  readonly postgres: PostgresEndpoint;
  readonly 'object-store': ObjectStoreEndpoint;
  readonly redis: RedisEndpoint;
}
