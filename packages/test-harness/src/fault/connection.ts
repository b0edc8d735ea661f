import type { Socket } from 'node:net';
import type { Clock, Timer } from '../clock.js';
import type { Direction, Inspector } from './inspector.js';
import type { LaneSink, LaneSource } from './lane-ends.js';
import { Lane } from './lane.js';
import type { Address } from './link-options.js';
import type { ConnectionCut } from './schedule.js';
import { connectToServer } from './server-socket.js';
import type { ToxicStream } from './toxic/toxic.js';
import { WorkingToxic } from './working-toxic.js';

/** A connection through a link that is open: its client has not closed it, or its server has not. */
export interface LinkConnection {
  /** From 1, in order of making. */
  readonly number: number;
  readonly upstream: LinkDirection;
  readonly downstream: LinkDirection;
  /** Ends it in an orderly way on both sides, behind what has passed. */
  close(): void;
  /** Sends a TCP reset to both sides. */
  reset(): void;
}

export interface LinkDirection {
  /** What the link got from the sender. */
  readonly receivedBytes: number;
  /** What it has passed on. */
  readonly passedBytes: number;
  /** Whether the sender has ended this direction, or is gone. */
  readonly hasEnded: boolean;
}

export interface ConnectionEvents {
  changed(): void;
  cut(how: 'close' | 'reset', by: ConnectionCut['by']): void;
  closed(): void;
}

/**
 * How long a reset is behind the last byte. A reset may overtake bytes that the receiver has not read yet, and one that comes
 * together with bytes is an orderly end to Node (libuv 1.46, Linux), so the receiver is given time to read.
 */
const resetPauseMs = 20;

/** How long the sides have to close after they have been told the end. */
const closingMs = 1_000;

/** The two sockets of a connection, and the lane each way between them. */
export class Connection implements LinkConnection {
  readonly upstream: Lane;
  readonly downstream: Lane;
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #events: ConnectionEvents;
  readonly #clock: Clock;
  readonly #timers = new Set<Timer>();
  #isCut = false;

  /** @param server - Is connected to. What the client sends before is sent then. */
  constructor(
    readonly number: number,
    client: Socket,
    server: Address,
    events: ConnectionEvents,
    clock: Clock,
    inspector?: Inspector,
  ) {
    this.#client = client;
    this.#server = connectToServer(server, () => ({ lane: this.downstream, sink: client }));
    this.#events = events;
    this.#clock = clock;
    this.upstream = this.#lane('upstream', this.#client, this.#server, inspector);
    this.downstream = this.#lane('downstream', this.#server, this.#client, inspector);
    this.#client.on('data', (bytes) => this.upstream.receive(bytes));
    this.#join(this.#client, this.upstream, this.downstream);
    this.#join(this.#server, this.downstream, this.upstream);
  }

  /** @returns what takes it away again. Its timer starts now. */
  add(toxic: WorkingToxic, direction: Direction, timer: ToxicStream['timer']): { remove(): void } {
    this[direction].add(toxic);
    const pending = timer && this.#schedule(timer.afterMs, () => this.#events.cut(timer.do, 'toxic'));
    return {
      remove: () => {
        pending?.cancel();
        this[direction].remove(toxic);
      },
    };
  }

  close(): void {
    this.#events.cut('close', 'test');
  }

  reset(): void {
    this.#events.cut('reset', 'test');
  }

  /** Ends it behind what has passed each way so far. */
  cut(how: 'close' | 'reset', by: ConnectionCut['by']): void {
    this.upstream.whenFlushed(() => {
      this.downstream.whenFlushed(() => {
        this.#cutAfterPause(how, by);
      });
    });
  }

  #cutAfterPause(how: 'close' | 'reset', by: ConnectionCut['by']): void {
    const hasPassed = this.upstream.passedBytes + this.downstream.passedBytes > 0;
    if (how === 'reset' && hasPassed) this.#schedule(resetPauseMs, () => this.#events.cut(how, by));
    else this.#events.cut(how, by);
  }

  #schedule(ms: number, action: () => void): Timer {
    const timer = this.#clock.schedule(ms, action);
    this.#timers.add(timer);
    return timer;
  }

  /** Carries out what `cut` of the events has decided. @returns whether it had not been ended before. */
  end(how: 'close' | 'reset'): boolean {
    if (this.#isCut) return false;
    this.#isCut = true;
    this.#stop();
    for (const socket of [this.#client, this.#server]) {
      if (how === 'reset') resetSocket(socket);
      else this.#closeSocket(socket);
    }
    return true;
  }

  /** Ends it at once, whatever is under way. Nothing is open when it resolves. */
  async destroy(): Promise<void> {
    this.#isCut = true;
    this.#stop();
    await Promise.all([destroySocket(this.#client), destroySocket(this.#server)]);
  }

  #stop(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
    this.upstream.stop();
    this.downstream.stop();
  }

  #lane(direction: Direction, source: Socket, sink: Socket, inspector: Inspector | undefined): Lane {
    const back = () => (direction === 'upstream' ? this.downstream : this.upstream);
    const owner = {
      cut: (how: 'close' | 'reset', by: 'toxic' | 'trigger') => this.#cutAfterPause(how, by),
      answer: (bytes: Uint8Array) => back().receiveAnswer(bytes),
      answered: (callback: () => void) => back().whenPassed(callback),
      changed: () => this.#events.changed(),
    };
    return new Lane(
      direction,
      { source: sourceOf(source), sink: sinkOf(sink) },
      owner,
      this.#clock,
      inspector,
    );
  }

  /** @param from - The lane that begins at the socket. @param to - The one that ends there. */
  #join(socket: Socket, from: Lane, to: Lane): void {
    let isBroken = false;
    socket
      .setNoDelay(true)
      .unref()
      .on('end', () => from.receiveEnd())
      .on('drain', () => to.drained())
      // Whatever it is, the other side sees a reset: that of this side, or a server that is not there.
      .on('error', () => (isBroken = true))
      .on('close', () => {
        to.stop();
        if (isBroken && !this.#isCut) from.receiveReset();
        if (this.#client.closed && this.#server.closed) this.#closed();
      });
  }

  #closed(): void {
    this.#stop();
    this.#events.closed();
  }

  /** What the other side still sends is thrown away: unread, it would turn the end into a reset. */
  #closeSocket(socket: Socket): void {
    const destroyLater = () => {
      this.#schedule(closingMs, () => socket.destroy());
    };
    if (socket.connecting) socket.destroy();
    else if (socket.writableFinished) destroyLater();
    else socket.once('finish', destroyLater).end();
  }
}

/** One who is connecting has nobody to send a reset to. */
export function resetSocket(socket: Socket): void {
  if (socket.destroyed) return;
  if (socket.connecting) socket.destroy();
  else socket.resetAndDestroy();
}

export async function destroySocket(socket: Socket): Promise<void> {
  if (socket.closed) return;
  await new Promise<void>((resolve) => socket.once('close', () => resolve()).destroy());
}

function sourceOf(socket: Socket): LaneSource {
  return { pause: () => void socket.pause(), resume: () => void socket.resume() };
}

function sinkOf(socket: Socket): LaneSink {
  return {
    write: (bytes) => socket.destroyed || socket.write(bytes),
    flushed(callback) {
      // An empty write calls back behind those before it.
      if (socket.writableLength === 0 || socket.destroyed) callback();
      else socket.write('', () => callback());
    },
    end: () => void socket.end(),
    reset: () => resetSocket(socket),
  };
}
