import { type Group, groupsOf, type Row } from './groups.js';
import type { Goal, Result } from './result.js';
import { printed } from './units.js';

const width = 720;
const margin = 16;
const barsWidth = width - 2 * margin - 80; // leaves room for the number behind the longest bar
const titleHeight = 34;
const rowHeight = 36;
const color = {
  ours: '#2f6f9f',
  other: '#a9b4bd',
  spread: '#333',
  goal: '#b3261e',
  text: '#222',
  faint: '#666',
};

/**
 * Draws a result: for each group its medians as bars, each with a line from the fastest to the slowest run and, where
 * the row has a goal, a mark where that lies. Each group has a scale of its own, from 0.
 */
export function drawResult(result: Result): string {
  const groups = groupsOf(result);
  const parts: string[] = [];
  let y = margin;
  for (const group of groups) {
    parts.push(drawGroup(group, result.goals, y));
    y += titleHeight + group.rows.length * rowHeight;
  }
  const legend = [
    `median of ${result.rounds} rounds; thin line: fastest to slowest; red mark: goal; each group has its own scale`,
    `${result.date.slice(0, 10)}, ${result.machine}`,
  ];
  parts.push(...legend.map((words, index) => text(margin, y + 14 * (index + 1), words, color.faint, 10)));
  const height = y + 14 * legend.length + margin;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif">`,
    `<title>${escaped(result.name)}</title>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

function drawGroup({ name, rows }: Group, goals: readonly Goal[], top: number): string {
  const limits = rows.map(({ what }) => limitOf(`${name}: ${what}`, goals) ?? 0);
  const longest = Math.max(...rows.map(({ max }) => max), ...limits);
  const scale = longest === 0 ? 0 : barsWidth / longest;
  const bars = rows.map((row, index) =>
    drawRow(row, limits[index] ?? 0, top + titleHeight + index * rowHeight, scale, index === 0),
  );
  return [text(margin, top + 22, name, color.text, 15, 'bold'), ...bars].join('\n');
}

function drawRow(row: Row, limit: number, top: number, scale: number, isFirst: boolean): string {
  const at = (value: number): string => (margin + value * scale).toFixed(1);
  const barTop = top + 14;
  const bar = `<rect x="${margin}" y="${barTop}" width="${(row.median * scale).toFixed(1)}" height="12" fill="${isFirst ? color.ours : color.other}"/>`;
  const line = (x1: string, y1: number, x2: string, y2: number, stroke: string, thickness: number): string =>
    `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${stroke}" stroke-width="${thickness}"/>`;
  const end = margin + Math.max(row.max, limit) * scale;
  return [
    text(margin, top + 9, row.what, color.text, 11),
    bar,
    line(at(row.min), barTop + 6, at(row.max), barTop + 6, color.spread, 1.5),
    ...(limit > 0 ? [line(at(limit), barTop - 2, at(limit), barTop + 14, color.goal, 2)] : []),
    text(end + 6, barTop + 10, `${printed(row.median, row.unit)} ${row.unit}`, color.text, 11),
  ].join('\n');
}

/** What a row shall not exceed, if it has such a goal: a goal whose `what` is the row's whole name. */
function limitOf(name: string, goals: readonly Goal[]): number | undefined {
  return goals.find(({ what, unit }) => what === name && unit !== 'times')?.atMost;
}

function text(x: number, y: number, words: string, fill: string, size: number, weight = 'normal'): string {
  return `<text x="${x.toFixed(1)}" y="${y}" fill="${fill}" font-size="${size}" font-weight="${weight}">${escaped(words)}</text>`;
}

export function escaped(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
