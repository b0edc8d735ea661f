import { escaped } from '../frame/svg.js';
import type { Storm } from './result.js';
import type { Course, Scenario } from './simulate.js';

const width = 720;
const margin = 16;
const axis = 28; // what the figures at the left need
const titleHeight = 26;
const plotHeight = 64;
const panelHeight = titleHeight + plotHeight + 14;

const style = `
  text { font-family: sans-serif; font-size: 11px; fill: #222 }
  .title { font-size: 13px; font-weight: bold }
  .faint { fill: #666; font-size: 10px }
  .outage { fill: #f6dede }
  .load { fill: #a9c8e0; stroke: #2f6f9f; stroke-width: 1.2 }
  .succeeded { fill: none; stroke: #1a7f37; stroke-width: 1.5 }
  .capacity { stroke: #b3261e; stroke-dasharray: 4 3 }
  .base { stroke: #999 }
  @media (prefers-color-scheme: dark) {
    text { fill: #ddd }
    .faint { fill: #999 }
    .outage { fill: #4a2526 }
    .load { fill: #2b4a63; stroke: #79b4e0 }
    .succeeded { stroke: #56d364 }
    .capacity { stroke: #ff8a80 }
    .base { stroke: #666 }
  }`;

/** Draws the load on the server over time, a panel for each variant, all on one scale. It suits light and dark pages. */
export function drawStorm({ scenario, courses }: Storm): string {
  const normal = scenario.clients * scenario.callsPerSecond;
  const highest = Math.max(
    scenario.capacity,
    ...Object.values(courses).map(({ attempts }) => Math.max(...attempts) / normal),
  );
  const panels = Object.entries(courses).map(([name, course], index) =>
    drawPanel(name, course, scenario, highest, margin + index * panelHeight),
  );
  const bottom = margin + panels.length * panelHeight;
  const legend = [
    'blue: attempts that reach the server, to the normal load; dashed: what it can do; red: it is down',
    'green: calls that succeed, at the second in which they were made',
  ];
  const height = bottom + 14 * legend.length + margin;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    '<title>load on a server that is down for a while, by how its clients retry</title>',
    `<style>${style}</style>`,
    ...panels,
    ...legend.map(
      (words, index) => `<text x="${margin}" y="${bottom + 10 + 14 * index}" class="faint">${words}</text>`,
    ),
    '</svg>\n',
  ].join('\n');
}

function drawPanel(name: string, course: Course, scenario: Scenario, highest: number, top: number): string {
  const { outage, end, capacity, clients, callsPerSecond } = scenario;
  const left = margin + axis;
  const base = top + titleHeight + plotHeight;
  const x = (second: number): string => (left + (second / end) * (width - margin - left)).toFixed(1);
  const y = (load: number): string => (base - (load / highest) * plotHeight).toFixed(1);
  const points = (counts: readonly number[]): string =>
    counts.map((count, second) => `${x(second + 0.5)},${y(count / (clients * callsPerSecond))}`).join(' ');
  const level = (load: number, words: string): string =>
    `<text x="${left - 4}" y="${Number(y(load)) + 4}" class="faint" text-anchor="end">${words}</text>`;
  const line = (kind: string, load: number): string =>
    `<line x1="${x(0)}" y1="${y(load)}" x2="${x(end)}" y2="${y(load)}" class="${kind}"/>`;
  const seconds = [0, outage.from, outage.until, end].map(
    (second) =>
      `<text x="${x(second)}" y="${base + 11}" class="faint" text-anchor="middle">${second} s</text>`,
  );
  return [
    `<text x="${margin}" y="${top + 16}" class="title">${escaped(name)}</text>`,
    `<rect x="${x(outage.from)}" y="${base - plotHeight}" width="${(Number(x(outage.until)) - Number(x(outage.from))).toFixed(1)}" height="${plotHeight}" class="outage"/>`,
    `<polygon points="${x(0)},${y(0)} ${points(course.attempts)} ${x(end)},${y(0)}" class="load"/>`,
    `<polyline points="${points(course.succeeded)}" class="succeeded"/>`,
    line('capacity', capacity),
    line('base', 0),
    level(1, '1 ×'),
    level(Math.floor(highest), `${Math.floor(highest)} ×`),
    ...seconds,
  ].join('\n');
}
