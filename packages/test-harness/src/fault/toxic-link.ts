import type { Socket } from 'node:net';
import { type Clock, systemClock } from '../clock.js';
import type { LinkConnection } from './connection.js';
import { Link } from './link.js';
import { type Address, checkAddress, checkLinkOptions, type ToxicLinkOptions } from './link-options.js';
import { ListeningPort } from './listening-port.js';
import { LivePlan } from './live-plan.js';
import { replayPlan } from './plan.js';
import { printReplayOnFailure } from './print-replay.js';
import type { ScheduleEntry } from './schedule.js';
import type { ToxicOptions } from './toxic/kinds.js';
import type { When } from './trigger/triggers.js';

/** A way to a server on which faults can be laid. Nothing of it keeps the process alive. */
export interface ToxicLink<Endpoint extends Address = Address> extends AsyncDisposable {
  /** The endpoint that was given, with host and port of the link. */
  readonly endpoint: Endpoint;
  /**
   * Lays a fault on the connections that it is meant for, open ones and later ones. On an open one it works from the next byte
   * that leaves the link on. Several work one behind the other, in order of adding.
   *
   * @returns what removes it: what it holds back then passes. Twice is once.
   * @throws HarnessError `invalid-option`, or `closed` after disposal.
   */
  add(toxic: ToxicOptions): AddedToxic;
  /**
   * Sets a fault to a message of PostgreSQL, S3 or Redis, on connections that are made from now on and on those that the link
   * reads already. It reads a connection from its beginning, if a trigger was set or `protocol` given before.
   *
   * @throws HarnessError `invalid-option`, or `closed` after disposal.
   */
  readonly when: When;
  /** Removes all toxics, those of the script too. */
  clear(): void;
  /** From when it resolves on, connections are refused, and those that were open have been reset. The port stays reserved. */
  down(): Promise<void>;
  /** From when it resolves on, connections are accepted again, at the same port. */
  up(): Promise<void>;
  /** Those that are open, in order of making. */
  readonly connections: readonly LinkConnection[];
  /**
   * Resolves when the condition holds. It is looked at whenever a connection comes, goes, or moves bytes.
   *
   * @throws HarnessError `timeout` after 10 s; what the condition throws; or `signal.reason` if `signal` aborts first.
   */
  until(condition: () => boolean, signal?: AbortSignal): Promise<void>;
  /** What was done so far, in order of beginning. */
  readonly schedule: readonly ScheduleEntry[];
  /** One line to give to `toxicLink(endpoint, { replay })`, which makes the same cuts at the same bytes. */
  readonly replayLine: string;
  /**
   * Destroys all connections. When it resolves or rejects the port is free and no socket is open. Twice is once.
   *
   * @throws HarnessError `not-fired` if a trigger has not acted as it was to, `unsupported` if one could not see.
   */
  [Symbol.asyncDispose](): Promise<void>;
}

export interface AddedToxic {
  remove(): void;
}

/**
 * Opens a link to a server, on a free port of the loopback interface. The server is connected to when a client comes; where
 * it cannot be reached, the client is reset.
 *
 * @param endpoint - Of any service. It is neither changed nor kept longer than the link, and no message shows more than
 * its host and port.
 * @throws HarnessError `invalid-option`.
 */
export async function toxicLink<Endpoint extends Address>(
  endpoint: Endpoint,
  options: ToxicLinkOptions = {},
): Promise<ToxicLink<Endpoint>> {
  const link = await openLink(endpoint, options, systemClock);
  printReplayOnFailure(link);
  return link;
}

/** The same on any clock. */
export async function openLink<Endpoint extends Address>(
  endpoint: Endpoint,
  options: ToxicLinkOptions,
  clock: Clock,
): Promise<Link<Endpoint>> {
  checkAddress(endpoint);
  const { seed, script, replay, protocol } = checkLinkOptions(options);
  const plan = replay ? replayPlan(replay) : new LivePlan(seed, script);
  const clients: { accept: (client: Socket) => void } = { accept: (client) => client.destroy() };
  const port = await ListeningPort.open((client) => clients.accept(client));
  const link = new Link(endpoint, port, plan, clock, { protocol, again: replay?.fired });
  clients.accept = (client) => link.accept(client);
  return link;
}
