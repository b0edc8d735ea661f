import type { Connection } from './connection.js';
import type { Direction } from './inspector.js';
import { randomAt } from './random-at.js';
import type { Replay } from './replay-line.js';
import type { ConnectionCut } from './schedule.js';
import { openToxic, type ToxicOptions } from './toxic/kinds.js';
import { stopAt } from './toxic/stop-at.js';
import type { Connections } from './toxic/toxic.js';
import { WorkingToxic } from './working-toxic.js';

/** Which connections are refused, and what works on the others. */
export interface Plan {
  readonly seed: number;
  /** Whether the connection is reset before the server hears of it. */
  refuses(connection: number): boolean;
  /** Called once for each connection, before any of its bytes. */
  begin(connection: Connection): readonly AtWork[];
}

/** A toxic of a link. */
export interface NumberedToxic {
  /** From 1, in order of adding. */
  readonly number: number;
  readonly options: ToxicOptions;
}

/** A toxic at work on one direction of one connection. */
export interface AtWork {
  readonly toxic: NumberedToxic;
  readonly connection: number;
  readonly direction: Direction;
  readonly working: WorkingToxic;
  remove(): void;
}

/** Apart from the two directions: what is random of a connection as a whole. */
const wholeConnection = 2;

/** Whether a toxic works on a connection at all: it is one of those it names, and the seed agrees. */
export function isChosen({ number, options }: NumberedToxic, connection: number, seed: number): boolean {
  const { connections, toxicity = 1 } = options;
  if (!isAmong(connections, connection)) return false;
  return randomAt(seed, connection, wholeConnection, number)(0) < toxicity;
}

/** Lets a toxic work on a connection from the next byte that leaves the link on. */
export function putToWork(toxic: NumberedToxic, connection: Connection, seed: number): AtWork {
  const direction = directionOf(toxic.options);
  const from = connection[direction].passedBytes;
  const stream = openStream(toxic, connection.number, seed, from);
  const working = new WorkingToxic(stream, from);
  const added = connection.add(working, direction, stream.timer);
  return {
    toxic,
    connection: connection.number,
    direction,
    working,
    remove: () => {
      added.remove();
    },
  };
}

/** Does again what a schedule says, at the bytes it names, and nothing else. */
export function replayPlan({ seed, entries }: Replay): Plan {
  const of = (connection: number) => entries.filter((entry) => entry.connection === connection);
  return {
    seed,
    refuses: (connection) => of(connection).some(({ did }) => did === 'refuse'),
    begin: (connection) => of(connection.number).flatMap((entry) => workAgain(entry, connection, seed)),
  };
}

function workAgain(entry: Replay['entries'][number], connection: Connection, seed: number): AtWork[] {
  if (entry.did === 'refuse') return [];
  if (entry.did !== 'work') {
    cutAgain(entry.atByte, entry.did, connection);
    return [];
  }
  const { options, direction, fromByte, untilByte } = entry;
  const toxic = { number: entry.toxic, options };
  const working = new WorkingToxic(
    openStream(toxic, connection.number, seed, fromByte),
    0,
    fromByte,
    untilByte,
  );
  // No timer: whatever it did is a cut of its own.
  const added = connection.add(working, direction, undefined);
  return [
    {
      toxic,
      connection: connection.number,
      direction,
      working,
      remove: () => {
        added.remove();
      },
    },
  ];
}

/** When as much has passed each way as had when it was cut: nothing more passes before. */
function cutAgain(atByte: ConnectionCut['atByte'], how: 'close' | 'reset', connection: Connection): void {
  let toReach = 2;
  for (const direction of ['upstream', 'downstream'] as const) {
    const limit = atByte[direction];
    const reached = () => {
      toReach--;
      if (toReach === 0) connection.cut(how, 'replay');
    };
    connection.add(new WorkingToxic(stopAt(limit, reached), 0), direction, undefined);
    if (limit === 0) reached();
  }
}

function openStream({ number, options }: NumberedToxic, connection: number, seed: number, from: number) {
  const random = randomAt(seed, connection, directionOf(options) === 'upstream' ? 0 : 1, number);
  return openToxic(options, { random, from });
}

function directionOf(options: ToxicOptions): Direction {
  return options.type === 'down' ? 'downstream' : (options.direction ?? 'downstream');
}

function isAmong(connections: Connections | undefined, connection: number): boolean {
  if (connections === undefined) return true;
  if (!('from' in connections)) return connections.includes(connection);
  return connection >= connections.from && connection <= (connections.to ?? Infinity);
}
