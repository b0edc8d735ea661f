/** A piece of a log, and when it was there at the latest. */
export interface LogChunk {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly text: string;
}

export interface LogLine {
  readonly atMs: number;
  readonly text: string;
}

/**
 * Gives each line its time: the one that it begins with, else that of the line before, else the time when it was seen
 * (what is seen is up to a reading older).
 */
export function timedLines(chunks: readonly LogChunk[]): LogLine[] {
  const lines: LogLine[] = [];
  let rest = '';
  for (const { atMs, text } of chunks) {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) lines.push({ atMs: timeOf(part, lines.at(-1), atMs), text: part });
  }
  const last = chunks.at(-1);
  if (rest !== '' && last) lines.push({ atMs: timeOf(rest, lines.at(-1), last.atMs), text: rest });
  return lines;
}

/** A line that goes on with what the one before said begins with a blank, as PostgreSQL's statements do. */
function timeOf(text: string, before: LogLine | undefined, seenAtMs: number): number {
  const own = ownTime(text);
  if (own !== undefined) return own;
  return /^\s/.test(text) && before ? before.atMs : seenAtMs;
}

const iso = /^\[?(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:[.,]\d+)?) ?(UTC|GMT|Z|[+-]\d\d:?\d\d)/;
const redis = /^\d+:[A-Z] (\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d(?:\.\d+)?) /;

/**
 * The time that a line of a server's log begins with: PostgreSQL's `2026-11-22 14:05:09.123 UTC [7]`, Ceph's and MinIO's
 * `2026-11-22T14:05:09.123+0000`, or Redis's `7:M 22 Nov 2026 14:05:09.123`, which is in the zone of this machine.
 */
export function ownTime(line: string): number | undefined {
  const [, date, time, zone] = iso.exec(line) ?? [];
  if (date !== undefined && time !== undefined && zone !== undefined) {
    const offset = /^[A-Z]/.test(zone) ? 'Z' : zone.replace(/^(...):?/, '$1:');
    return validTime(Date.parse(`${date}T${shortened(time.replace(',', '.'))}${offset}`));
  }
  const [, local] = redis.exec(line) ?? [];
  return local === undefined ? undefined : validTime(Date.parse(local));
}

/** To milliseconds: Ceph writes more digits. */
function shortened(time: string): string {
  return time.replace(/(\.\d{3})\d+$/, '$1');
}

function validTime(ms: number): number | undefined {
  return Number.isNaN(ms) ? undefined : ms;
}

/** The lines of a stretch of time, `before` and `after` it too, the last `most` of them. */
export function linesBetween(
  lines: readonly LogLine[],
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  most: number,
): string[] {
  return lines
    .filter(({ atMs }) => atMs >= fromMs && atMs <= toMs)
    .map(({ text }) => text)
    .slice(-most);
}
