import type { Socket } from 'node:net';
import type { Clock } from '../clock.js';
import { within } from '../deadline.js';
import { HarnessError } from '../harness-error.js';
import { Connection, type LinkConnection, resetSocket } from './connection.js';
import type { Address } from './link-options.js';
import { type ListeningPort, loopback } from './listening-port.js';
import { LivePlan } from './live-plan.js';
import type { Plan } from './plan.js';
import { replayLineOf } from './replay-line.js';
import { type ConnectionCut, Schedule, type ScheduleEntry } from './schedule.js';
import type { AddedToxic, ToxicLink } from './toxic-link.js';
import { checkToxic } from './toxic/check-toxic.js';
import type { ToxicOptions } from './toxic/kinds.js';
import { Triggers, type TriggersOptions, type When } from './trigger/triggers.js';

const untilMs = 10_000;
const closingMs = 10_000;

/** A link that listens. */
export class Link<Endpoint extends Address> implements ToxicLink<Endpoint> {
  readonly endpoint: Endpoint;
  readonly #server: Address;
  readonly #port: ListeningPort;
  readonly #plan: Plan;
  readonly #clock: Clock;
  readonly #open = new Map<number, Connection>();
  readonly #schedule = new Schedule();
  readonly #watchers = new Set<() => void>();
  readonly #triggers: Triggers;
  #made = 0;
  #closing: Promise<void> | undefined;

  constructor(
    endpoint: Endpoint,
    port: ListeningPort,
    plan: Plan,
    clock: Clock,
    triggers: Omit<TriggersOptions, 'onFired'>,
  ) {
    this.#triggers = new Triggers({ ...triggers, onFired: (fired) => this.#schedule.add(fired) });
    this.endpoint = { ...endpoint, host: loopback, port: port.number };
    this.#server = { host: endpoint.host, port: endpoint.port };
    this.#port = port;
    this.#plan = plan;
    this.#clock = clock;
  }

  get when(): When {
    this.#assertOpen();
    return this.#triggers.when;
  }

  get isClosed(): boolean {
    return this.#closing !== undefined;
  }

  get connections(): readonly LinkConnection[] {
    return [...this.#open.values()];
  }

  get schedule(): readonly ScheduleEntry[] {
    return this.#schedule.entries;
  }

  get replayLine(): string {
    return replayLineOf({ seed: this.#plan.seed, entries: this.schedule });
  }

  add(toxic: ToxicOptions): AddedToxic {
    this.#assertOpen();
    const options = checkToxic(toxic);
    const plan = this.#plan;
    if (!(plan instanceof LivePlan)) return { remove: () => undefined };
    const added = plan.add(options, this.#open.values());
    for (const work of added.begun) this.#schedule.add(work);
    return {
      remove: () => {
        plan.remove(added.toxic);
      },
    };
  }

  clear(): void {
    if (this.#plan instanceof LivePlan) this.#plan.clear();
  }

  async down(): Promise<void> {
    this.#assertOpen();
    await this.#port.close();
    for (const connection of [...this.#open.values()]) this.#end(connection, 'reset', 'test');
  }

  async up(): Promise<void> {
    this.#assertOpen();
    await this.#port.open();
  }

  async until(condition: () => boolean, signal?: AbortSignal): Promise<void> {
    const what = 'what is awaited of the link';
    let watcher: (() => void) | undefined;
    await within({ what, ms: untilMs, signal }, () => {
      return new Promise<void>((resolve, reject) => {
        watcher = () => {
          try {
            if (condition()) resolve();
          } catch (error) {
            reject(error);
          }
        };
        this.#watchers.add(watcher);
        watcher();
      });
    }).finally(() => watcher && this.#watchers.delete(watcher));
  }

  accept(client: Socket): void {
    this.#made++;
    const number = this.#made;
    if (this.#plan.refuses(number)) {
      this.#refuse(number, client);
      return;
    }
    const events = {
      changed: () => this.#changed(),
      cut: (how: 'close' | 'reset', by: ConnectionCut['by']) => {
        // What the test has done is in the replay.
        if (by !== 'test' || this.#plan instanceof LivePlan) this.#end(connection, how, by);
      },
      closed: () => this.#forget(number),
    };
    const connection: Connection = new Connection(
      number,
      client,
      this.#server,
      events,
      this.#clock,
      this.#triggers.opened(number),
    );
    this.#open.set(number, connection);
    for (const work of this.#plan.begin(connection)) this.#schedule.add(work);
    this.#changed();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= within({ what: 'closing the link', ms: closingMs }, async () => {
      await this.#port[Symbol.asyncDispose]();
      await Promise.all([...this.#open.values()].map((connection) => connection.destroy()));
    }).then(() => this.#triggers.verify());
    return this.#closing;
  }

  #end(connection: Connection, how: 'close' | 'reset', by: ConnectionCut['by']): void {
    if (connection.end(how)) this.#recordCut(connection, how, by);
  }

  #refuse(number: number, client: Socket): void {
    const passed = { passedBytes: 0 };
    const by = this.#plan instanceof LivePlan ? 'toxic' : 'replay';
    this.#recordCut({ number, upstream: passed, downstream: passed }, 'refuse', by);
    client.on('error', () => undefined);
    resetSocket(client);
  }

  #recordCut(
    { number, upstream, downstream }: Cuttable,
    did: ConnectionCut['did'],
    by: ConnectionCut['by'],
  ): void {
    const atByte = { upstream: upstream.passedBytes, downstream: downstream.passedBytes };
    this.#schedule.add({ did, connection: number, by, atByte });
  }

  #forget(connection: number): void {
    this.#open.delete(connection);
    this.#triggers.closed(connection);
    if (this.#plan instanceof LivePlan) this.#plan.forget(connection);
    this.#changed();
  }

  #changed(): void {
    for (const watcher of this.#watchers) watcher();
  }

  #assertOpen(): void {
    if (this.isClosed) throw new HarnessError('closed', 'the link was closed before; open another one');
  }
}

interface Cuttable {
  readonly number: number;
  readonly upstream: { readonly passedBytes: number };
  readonly downstream: { readonly passedBytes: number };
}
