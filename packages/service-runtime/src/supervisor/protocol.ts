import { z } from 'zod';
import type { ServiceFailureReport } from '../failure/service-failure.js';
import type { ServiceOffer } from '../service/running-service.js';
import { isServiceName, type ServiceName } from '../service/service-name.js';

/**
 * What goes over the supervisor's socket: one JSON document a line. The supervisor greets, the client sends one request,
 * the supervisor answers with lines until it closes; a lease is never closed by the supervisor while it works.
 *
 * The greeting and `stop` keep their shape for ever, so that any version can tell and end any other.
 */
export interface Greeting {
  readonly kind: 'greeting';
  readonly version: string;
  readonly pid: number;
  readonly workspace: string;
}

const serviceName = z.string().refine(isServiceName);

const startSchema = z.object({
  service: serviceName,
  provider: z.enum(['local', 'docker']),
  /** What the compose file asks the environment for, such as POSTGRES_IMAGE, and what chooses the engine: DOCKER_HOST. */
  variables: z.record(z.string(), z.string()),
});

/** A service that the supervisor is to start, and how. Two that differ in anything are two servers. */
export type ServiceStart = z.infer<typeof startSchema>;

const services = z.array(startSchema);
const ports = z.record(serviceName, z.number().int().min(0).max(65_535));
const holder = z.string().max(200);
/** The longest that a timer of Node waits, 24 days; it takes a longer one for none at all. */
export const longestKeepWarmMs = 2 ** 31 - 1;

/** Milliseconds to keep a service after its last lease. */
const keepWarmMs = z.number().min(0).max(longestKeepWarmMs);

export const requestSchema = z.discriminatedUnion('kind', [
  /** Starts what does not run yet; holds it as long as the connection lives. */
  z.object({ kind: z.literal('lease'), holder, services, keepWarmMs }),
  /** Starts what does not run yet, and holds it until `down`. Answers like a lease, then `done`. */
  z.object({ kind: z.literal('pin'), holder, services, ports }),
  z.object({ kind: z.literal('status') }),
  /** Takes the pins away and stops what nobody holds; with `force`, what somebody holds too. */
  z.object({ kind: z.literal('down'), force: z.boolean() }),
  /** Ends the supervisor if nobody uses it. */
  z.object({ kind: z.literal('stop') }),
]);

export type Request = z.infer<typeof requestSchema>;

export interface ServiceStatus {
  readonly service: ServiceName;
  readonly provider: ServiceStart['provider'];
  readonly phase: 'stopped' | 'starting' | 'running' | 'stopping';
  readonly pinned: boolean;
  readonly holders: readonly string[];
  readonly offer?: ServiceOffer;
}

export interface SupervisorStatus {
  readonly pid: number;
  readonly version: string;
  readonly workspace: string;
  readonly services: readonly ServiceStatus[];
}

export type Reply =
  | Greeting
  | { readonly kind: 'ready'; readonly offer: ServiceOffer }
  /** What takes long, for people. Also says that the supervisor is alive and at it. */
  | { readonly kind: 'progress'; readonly service: ServiceName; readonly message: string }
  | { readonly kind: 'failed'; readonly failure: ServiceFailureReport }
  | { readonly kind: 'status'; readonly status: SupervisorStatus }
  /** `inUse` holds what was left running because somebody uses it. */
  | {
      readonly kind: 'done';
      readonly stopped: readonly ServiceName[];
      readonly inUse: readonly ServiceStatus[];
    };

export function encode(message: Reply | Request): string {
  return `${JSON.stringify(message)}\n`;
}
