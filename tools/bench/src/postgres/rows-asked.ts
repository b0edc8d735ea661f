import { parseArgs } from 'node:util';

/** `--rows=N` on the command line, for a quick look with fewer rows than the benchmark has. */
export function rowsAsked(byDefault: number): { readonly rows: number; readonly isRecorded: boolean } {
  const { values } = parseArgs({ options: { rows: { type: 'string' } }, strict: false });
  const rows = Number(values.rows ?? byDefault);
  if (Number.isSafeInteger(rows) && rows >= 10_000) return { rows, isRecorded: rows === byDefault };
  throw new RangeError(`--rows is "${String(values.rows)}"; it must be a whole number from 10000`);
}
