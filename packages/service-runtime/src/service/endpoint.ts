import type { BuiltInService, ServiceName } from './service-name.js';

/** Where a running service is. Services add what else a client needs. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** Where a running PostgreSQL is, and an account that may create databases. */
export interface PostgresEndpoint extends Endpoint {
  readonly user: string;
  readonly password: string;
  /** The database to connect to first. Tests lease databases of their own. */
  readonly database: string;
}

/** Where a running S3-compatible store is, and an account that may create buckets. */
export interface ObjectStoreEndpoint extends Endpoint {
  readonly useTls: boolean;
  readonly region: string;
  readonly accessKey: string;
  readonly secretKey: string;
}

/** Where a running Redis is. No username and no password means that it asks for none. */
export interface RedisEndpoint extends Endpoint {
  readonly username?: string;
  readonly password?: string;
}

/** The endpoint of each built-in service, by name. */
interface BuiltInEndpoints {
  readonly postgres: PostgresEndpoint;
  readonly 'object-store': ObjectStoreEndpoint;
  readonly redis: RedisEndpoint;
}

/** The type of a service's endpoint: of a service that a workspace defines, host and port are known. */
export type EndpointOf<N extends ServiceName> = N extends BuiltInService ? BuiltInEndpoints[N] : Endpoint;

/** Endpoints by the name of their service; not every service has one. */
export type Endpoints = Readonly<Record<ServiceName, Endpoint | undefined>> & Partial<BuiltInEndpoints>;
