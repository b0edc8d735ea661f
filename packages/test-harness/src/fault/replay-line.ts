import type { ScheduleEntry, TriggerFired } from './schedule.js';
import { checkOptions, checkToxic, invalid, isRecord, shown } from './toxic/check-toxic.js';
import { optional, wholeNumber } from './toxic/checks.js';
import type { ToxicOptions } from './toxic/kinds.js';
import type { FiredBefore } from './trigger/armed-trigger.js';

/** What a replay does. */
export interface Replay {
  readonly seed: number;
  readonly entries: readonly Exclude<ScheduleEntry, TriggerFired>[];
  readonly fired: readonly FiredBefore[];
}

type Row = readonly (number | string | null)[];

/** What a toxic does by cutting is replayed by the cut, at the byte where it was. */
const onlyCuts: readonly ToxicOptions['type'][] = ['limit_data', 'reset_peer', 'down'];

/** One line of JSON without apostrophes. The cuts of triggers are left out: the triggers, set again, make them again. */
export function replayLineOf({
  seed,
  entries,
}: {
  readonly seed: number;
  readonly entries: readonly ScheduleEntry[];
}): string {
  const toxics: Record<string, ToxicOptions> = {};
  const work: Row[] = [];
  const cuts: Row[] = [];
  const fired: Row[] = [];
  for (const entry of entries) {
    if (entry.did === 'fire') {
      fired.push([entry.trigger, entry.connection, entry.nthOfConnection]);
    } else if (entry.did !== 'work') {
      const { connection, did, by, atByte } = entry;
      if (by !== 'trigger') cuts.push([connection, did, atByte.upstream, atByte.downstream]);
    } else if (!onlyCuts.includes(entry.options.type)) {
      const { connection, toxic, direction, fromByte, untilByte = null } = entry;
      toxics[toxic] = entry.options;
      work.push([connection, toxic, direction, fromByte, untilByte]);
    }
  }
  return JSON.stringify({ seed, toxics, work, cuts, fired });
}

/** @throws HarnessError `invalid-option` for what no link has printed. */
export function readReplay(line: string): Replay {
  const { seed, toxics, work, cuts, fired } = parse(line);
  const entries: Replay['entries'][number][] = [];
  for (const [connection, toxic, direction, fromByte, untilByte] of rows('work', work)) {
    if (direction !== 'upstream' && direction !== 'downstream') throw damaged('a direction');
    entries.push({
      did: 'work',
      connection: whole(connection),
      toxic: whole(toxic),
      options: checkToxic(isRecord(toxics) ? toxics[String(toxic)] : undefined),
      direction,
      fromByte: whole(fromByte),
      ...(untilByte !== null && { untilByte: whole(untilByte) }),
    });
  }
  for (const [connection, did, upstream, downstream] of rows('cuts', cuts)) {
    if (did !== 'close' && did !== 'reset' && did !== 'refuse') throw damaged('a cut');
    const atByte = { upstream: whole(upstream), downstream: whole(downstream) };
    entries.push({ did, connection: whole(connection), by: 'replay', atByte });
  }
  const firedBefore = rows('fired', fired ?? []).map(([trigger, connection, nthOfConnection]) => ({
    trigger: whole(trigger),
    connection: whole(connection),
    nthOfConnection: whole(nthOfConnection),
  }));
  return { seed: whole(seed), entries, fired: firedBefore };
}

function parse(line: string): Readonly<Record<string, unknown>> {
  let read: unknown;
  try {
    read = JSON.parse(line);
  } catch (error) {
    throw damaged(error instanceof Error ? error.message : 'the JSON');
  }
  if (!isRecord(read)) throw damaged('the JSON');
  const any = { holds: () => true, range: 'there' };
  checkOptions('the replay', read, { seed: any, toxics: any, work: any, cuts: any, fired: optional(any) });
  return read;
}

function rows(name: string, value: unknown): readonly (readonly unknown[])[] {
  if (Array.isArray(value) && value.every((row): row is readonly unknown[] => Array.isArray(row)))
    return value;
  throw damaged(name);
}

const fromZero = wholeNumber(0);

function whole(value: unknown): number {
  if (typeof value === 'number' && fromZero.holds(value)) return value;
  throw damaged(`a number, ${shown(value)}`);
}

function damaged(what: string) {
  return invalid(`replay is no line that a link has printed (${what}); give the whole line as it was`);
}
