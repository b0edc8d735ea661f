import { type Group, groupsOf, type Row } from './groups.js';
import type { Result } from './result.js';
import { printed } from './units.js';

interface Column {
  readonly title: string;
  readonly cell: (row: Row) => string;
}

const figures: readonly Column[] = [
  { title: 'median', cell: ({ median, unit }) => printed(median, unit) },
  { title: 'min', cell: ({ min, unit }) => printed(min, unit) },
  { title: 'max', cell: ({ max, unit }) => printed(max, unit) },
  { title: 'ratio', cell: ({ ratio }) => ratio.toFixed(2) },
];
const memory: Column = { title: 'peak MiB', cell: ({ peakRssMb }) => peakRssMb?.toFixed(0) ?? '' };

/** The result for a terminal: a line for each contender below the name of its group. Ratios are to the first. */
export function terminalTable(result: Result): string {
  const groups = groupsOf(result);
  const columns = columnsOf(groups);
  const lines = groups.flatMap(({ name, unit, rows }) => [
    [`${name}, ${unit}`, ...columns.map(({ title }) => title)],
    ...rows.map((row) => [`  ${row.what}`, ...columns.map(({ cell }) => cell(row))]),
  ]);
  return terminalColumns(lines);
}

/** Lines of cells, so that they stand below each other: the first to the left, all others to the right. */
export function terminalColumns(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, index) =>
    Math.max(...lines.map((line) => line[index]?.length ?? 0)),
  );
  return lines
    .map((line) => line.map((text, index) => padded(text, widths[index] ?? 0, index)).join('  '))
    .join('\n');
}

/** The same for a document. */
export function markdownTable(result: Result): string {
  const groups = groupsOf(result);
  const columns = columnsOf(groups);
  return markdownColumns([
    ['', ...columns.map(({ title }) => title)],
    ...groups.flatMap(({ name, unit, rows }) => [
      [`**${name}**, ${unit}`, ...columns.map(() => '')],
      ...rows.map((row) => [row.what, ...columns.map(({ cell }) => cell(row))]),
    ]),
  ]);
}

/** Lines of cells, the first being the head. */
export function markdownColumns([head = [], ...lines]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, index) => (index === 0 ? '---' : '---:'));
  return [head, rule, ...lines].map(line).join('\n');
}

function columnsOf(groups: readonly Group[]): readonly Column[] {
  const hasMemory = groups.some(({ rows }) => rows.some(({ peakRssMb }) => peakRssMb !== undefined));
  return hasMemory ? [...figures, memory] : figures;
}

function padded(text: string, width: number, index: number): string {
  return index === 0 ? text.padEnd(width) : text.padStart(width);
}
