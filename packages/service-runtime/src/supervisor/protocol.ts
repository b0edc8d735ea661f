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

/** Bytes of a data folder with a limit. It is memory, and filling it has to end. */
export const dataBytesRange = { atLeast: 1024 * 1024, atMost: 4 * 1024 ** 3 } as const;

/** PostgreSQL keeps three for superusers; each takes memory from the start. */
export const maxConnectionsRange = { atLeast: 4, atMost: 1_000 } as const;

const wholeNumberIn = ({ atLeast, atMost }: { atLeast: number; atMost: number }) =>
  z.number().int().min(atLeast).max(atMost);

const limitsSchema = z.object({
  dataBytes: wholeNumberIn(dataBytesRange).optional(),
  maxConnections: wholeNumberIn(maxConnectionsRange).optional(),
});

/** What a private server may have less of than a shared one. */
export type PrivateLimits = z.infer<typeof limitsSchema>;

export const requestSchema = z.discriminatedUnion('kind', [
  /** Starts what does not run yet; holds it as long as the connection lives. */
  z.object({ kind: z.literal('lease'), holder, services, keepWarmMs }),
  /**
   * Starts one more server of a service, for this connection alone: it ends with it. Answers like a lease; from then on
   * each line is a `PrivateRequest`, answered by `phase`, or by `failed`.
   */
  z.object({ kind: z.literal('private'), holder, start: startSchema, limits: limitsSchema }),
  /** Starts what does not run yet, and holds it until `down`. Answers like a lease, then `done`. */
  z.object({ kind: z.literal('pin'), holder, services, ports }),
  z.object({ kind: z.literal('status') }),
  /** Takes the pins away and stops what nobody holds; with `force`, what somebody holds too. */
  z.object({ kind: z.literal('down'), force: z.boolean() }),
  /** Ends the supervisor if nobody uses it. */
  z.object({ kind: z.literal('stop') }),
]);

export type Request = z.infer<typeof requestSchema>;

export const faults = ['freeze', 'thaw', 'kill', 'restart', 'fillDisk', 'freeDisk'] as const;

export type Fault = (typeof faults)[number];

/** What follows `private` on its connection. */
export const privateRequestSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('fault'), fault: z.enum(faults) }),
  /** Ends the server, as closing does; but it is answered by `phase` when nothing is left, and then closed. */
  z.object({ kind: z.literal('end') }),
]);

export type PrivateRequest = z.infer<typeof privateRequestSchema>;

/** `frozen` and `ended` are of private servers only: stopped by SIGSTOP, and killed, by us or by anything else. */
export type Phase = 'stopped' | 'starting' | 'running' | 'frozen' | 'ended' | 'stopping';

export interface ServiceStatus {
  readonly service: ServiceName;
  readonly provider: ServiceStart['provider'];
  readonly phase: Phase;
  /** Whether it is of one holder alone, beside the one that others share. */
  readonly private: boolean;
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
  /** A fault of a private server is done, or undone: so it is now. */
  | { readonly kind: 'phase'; readonly phase: Phase }
  | { readonly kind: 'status'; readonly status: SupervisorStatus }
  /** `inUse` holds what was left running because somebody uses it. */
  | {
      readonly kind: 'done';
      readonly stopped: readonly ServiceName[];
      readonly inUse: readonly ServiceStatus[];
    };

export function encode(message: Reply | Request | PrivateRequest): string {
  return `${JSON.stringify(message)}\n`;
}
