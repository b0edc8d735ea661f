import { nameOf, type TestResult } from '../results.js';
import type { RunSummary } from '../summary.js';
import { escapeHtml } from './escape.js';
import { duration } from './duration.js';

/** Where the page shows a failed test. `undefined` for one that it shows nowhere. */
export type AnchorOf = (test: TestResult) => string | undefined;

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What stands in the stripe of a row. */
interface Bar extends Span {
  readonly look: 'file' | 'passed' | 'failed' | 'skipped' | 'lease' | 'starting' | 'held' | 'fault';
  readonly title: string;
  readonly anchor?: string | undefined;
}

/** A bar is seen, and can be pointed at, however short it was. In per cent of the run. */
const leastWidth = 0.3;
const steps = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1_200, 3_600, 7_200, 21_600];
const mostTicks = 8;

/** When services started and were held, files and tests ran, leases were out and faults were set. */
export function timeline(summary: RunSummary, anchorOf: AnchorOf): string {
  const { startedAtMs, elapsedMs, services, projects, faults } = summary;
  const whole: Span = { fromMs: startedAtMs, toMs: startedAtMs + Math.max(1, elapsedMs) };
  const row = (label: string, about: string, bars: readonly Bar[]): string =>
    rowHtml(label, about, bars, whole);
  const held = services.filter((service) => service.held.length > 0);
  const fresh = projects.filter(({ fromCache, files }) => !fromCache && files.length > 0);
  const cached = projects.filter(({ fromCache }) => fromCache).map(({ project }) => project);
  const rows = [
    ...(held.length === 0 ? [] : [heading('Services', '')]),
    ...held.map((service) => row(service.service, `${service.service}, held`, serviceBars(service))),
    ...(faults.length === 0 ? [] : [heading('Faults', '')]),
    ...faults.map(({ atMs, kind, detail }) =>
      row(kind, `fault ${kind}`, [
        {
          look: 'fault',
          fromMs: atMs,
          toMs: atMs,
          title: `${kind} ${detail ?? ''} at ${duration(atMs - startedAtMs)}`,
        },
      ]),
    ),
    ...fresh.flatMap((project) => [
      heading(project.project, duration(project.elapsedMs)),
      ...project.files.map(({ file, startedAtMs: fromMs, endedAtMs: toMs }) => {
        const tests = project.tests.filter((test) => test.file === file && test.status !== 'skipped');
        const about = `${shortName(file)}: ${tests.length === 1 ? '1 test' : `${String(tests.length)} tests`} in ${duration(toMs - fromMs)}`;
        const ground: Bar = { look: 'file', fromMs, toMs, title: about };
        return row(shortName(file), about, [
          ground,
          ...testBars(tests, anchorOf),
          ...leaseBars(summary, file),
        ]);
      }),
    ]),
  ];
  const none =
    rows.length === 0
      ? '<p class="soft">Nothing ran in this run.</p>'
      : `${axis(whole)}${rows.join('')}${legend}`;
  const left =
    cached.length === 0
      ? ''
      : `<p class="soft small">From the cache, not run: ${escapeHtml(cached.join(', '))}.</p>`;
  return `<div class="card timeline">${none}${left}</div>`;
}

function serviceBars({ service, startedInMs, held }: RunSummary['services'][number]): Bar[] {
  const [first] = held;
  const started: Bar[] =
    first === undefined || startedInMs === undefined
      ? []
      : [
          {
            look: 'starting',
            fromMs: first.fromMs - startedInMs,
            toMs: first.fromMs,
            title: `${service} started in ${duration(startedInMs)}`,
          },
        ];
  return [
    ...held.map((span): Bar => ({
      look: 'held',
      ...span,
      title: `${service} held for ${duration(span.toMs - span.fromMs)}`,
    })),
    ...started,
  ];
}

function testBars(tests: readonly TestResult[], anchorOf: AnchorOf): Bar[] {
  return tests.flatMap((test) => {
    const { startedAtMs, tookMs, status } = test;
    if (startedAtMs === undefined) return [];
    const title = `${nameOf(test)} (${status}, ${duration(tookMs)})`;
    return [{ look: status, fromMs: startedAtMs, toMs: startedAtMs + tookMs, title, anchor: anchorOf(test) }];
  });
}

function leaseBars({ leases, startedAtMs, elapsedMs }: RunSummary, file: string): Bar[] {
  return leases
    .filter((lease) => lease.file === file || lease.file?.endsWith(`/${file}`) === true)
    .map(({ kind, name, fromMs, toMs }) => {
      const end = toMs ?? startedAtMs + elapsedMs;
      return { look: 'lease', fromMs, toMs: end, title: `${kind} ${name}, ${duration(end - fromMs)}` };
    });
}

function rowHtml(label: string, about: string, bars: readonly Bar[], whole: Span): string {
  const shapes = bars.map((bar) => shape(bar, whole)).join('');
  const name = escapeHtml(label);
  return `<div class="row"><div class="label" title="${name}">${name}</div><svg class="track" role="group" aria-label="${escapeHtml(about)}"><rect class="ground" width="100%" height="26" rx="5"/>${shapes}</svg></div>`;
}

/** A test stands in its file's bar, a lease is a thin line below. */
const places: Readonly<Record<Bar['look'], readonly [y: number, height: number]>> = {
  file: [3, 15],
  passed: [5, 11],
  failed: [5, 11],
  skipped: [5, 11],
  lease: [20, 3],
  starting: [8, 10],
  held: [8, 10],
  fault: [3, 20],
};

function shape({ look, fromMs, toMs, title, anchor }: Bar, whole: Span): string {
  const [y, height] = places[look];
  const x = percent(fromMs, whole);
  const width = Math.max(leastWidth, percent(toMs, whole) - x);
  const at = `x="${Math.min(x, 100 - leastWidth).toFixed(2)}%" y="${String(y)}" width="${Math.min(width, 100 - x + leastWidth).toFixed(2)}%"`;
  const rect = `<rect class="f-${look}" ${at} height="${String(height)}" rx="2"><title>${escapeHtml(title)}</title></rect>`;
  if (anchor === undefined) return rect;
  return `<a href="#${anchor}" aria-label="${escapeHtml(title)}">${rect}</a>`;
}

function heading(title: string, note: string): string {
  const text = note === '' ? '' : ` <span class="soft small">${escapeHtml(note)}</span>`;
  return `<div class="row group"><h3 class="label">${escapeHtml(title)}${text}</h3></div>`;
}

function axis(whole: Span): string {
  const seconds = (whole.toMs - whole.fromMs) / 1000;
  const step = steps.find((candidate) => seconds / candidate <= mostTicks) ?? seconds / mostTicks;
  const ticks: string[] = [];
  for (let at = 0; at <= seconds * 0.97; at += step) {
    const x = `${((at / seconds) * 100).toFixed(2)}%`;
    ticks.push(
      `<line class="tick" x1="${x}" x2="${x}" y1="15" y2="20"/><text x="${x}" y="11">${duration(at * 1000)}</text>`,
    );
  }
  return `<div class="row axis-row"><div class="label"></div><svg class="axis" aria-hidden="true">${ticks.join('')}</svg></div>`;
}

const legend = `<ul class="legend">${(
  [
    ['starting', 'service starting'],
    ['held', 'service held'],
    ['file', 'test file'],
    ['passed', 'test passed'],
    ['failed', 'test failed'],
    ['lease', 'lease of a database, bucket or key space'],
    ['fault', 'fault'],
  ] as const
)
  .map(
    ([look, text]) =>
      `<li><svg aria-hidden="true"><rect class="f-${look}" width="12" height="10" rx="2"/></svg>${text}</li>`,
  )
  .join('')}</ul>`;

function percent(atMs: number, { fromMs, toMs }: Span): number {
  return Math.min(100, Math.max(0, ((atMs - fromMs) / (toMs - fromMs)) * 100));
}

/** `reading` for packages/…/reading.integration.test.ts */
export function shortName(file: string): string {
  return file.replace(/^.*\//, '').replace(/\.(integration\.)?test\.[cm]?[jt]s$/, '');
}
