import { createHash } from 'node:crypto';
import type { LogLine } from '../log-lines.js';
import { nameOf, type ProjectResult, type TestResult } from '../results.js';
import { logOf, type RunSummary, type Verdict } from '../summary.js';
import { duration } from './duration.js';
import { escapeHtml } from './escape.js';
import { style } from './style.js';
import { timeline } from './timeline.js';

type Logs = ReadonlyMap<string, readonly LogLine[]>;

interface Entry {
  readonly project: ProjectResult;
  readonly test: TestResult;
}

const verdicts: Readonly<Record<Verdict, string>> = {
  passed: 'All passed',
  failed: 'Tests failed',
  'no-services': 'Services did not start',
  error: 'The run failed',
  'timed-out': 'The run took too long',
  interrupted: 'Interrupted',
};

const slowest = 10;

/**
 * The report as one page that needs nothing else: no script, no request, and a policy that would refuse both. All that
 * tests and servers have said is text in it.
 */
export function reportPage(summary: RunSummary, logs: Logs): string {
  const entries = summary.projects.flatMap((project) => project.tests.map((test) => ({ project, test })));
  const failed = entries.filter(({ test }) => test.status === 'failed');
  const anchors = new Map(failed.map(({ test }, index) => [test, `failure-${String(index + 1)}`]));
  const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'`;
  const title = `${verdicts[summary.verdict]} · integration tests`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
${head(summary)}
<main>
${section('Services that did not start', summary.serviceFailures.map(serviceFailure))}
${section(
  'Failures',
  failed.map((entry) => failure(entry, anchors.get(entry.test) ?? '', logs)),
)}
<section aria-labelledby="timeline"><h2 id="timeline">Timeline</h2>
${timeline(summary, (test) => anchors.get(test))}
</section>
${section('Slowest tests', slowestTests(entries))}
${section('Services', services(summary))}
${section('Projects', projects(summary))}
</main>
</body>
</html>
`;
}

function section(title: string, parts: readonly string[]): string {
  if (parts.length === 0) return '';
  const id = title.toLowerCase().replaceAll(' ', '-');
  return `<section aria-labelledby="${id}"><h2 id="${id}">${escapeHtml(title)}</h2>\n${parts.join('\n')}\n</section>`;
}

function head({ verdict, totals, elapsedMs, startedAtMs, command }: RunSummary): string {
  const look = verdict === 'passed' ? 'passed' : 'failed';
  const when = new Date(startedAtMs).toISOString().slice(0, 19).replace('T', ' ');
  const tile = (name: string, value: string, kind = ''): string =>
    `<div><dt>${name}</dt><dd${kind === '' ? '' : ` class="is-${kind}"`}>${value}</dd></div>`;
  return `<header>
<p class="soft small">Integration tests · ${when} UTC</p>
<h1 class="is-${look}">${verdicts[verdict]}</h1>
<p class="soft small mono">${escapeHtml(command.join(' '))}</p>
<dl class="totals">
${tile('passed', String(totals.passed), totals.passed > 0 ? 'passed' : '')}
${tile('failed', String(totals.failed), totals.failed > 0 ? 'failed' : '')}
${tile('skipped', String(totals.skipped))}
${tile('test files', String(totals.files))}
${tile('projects', String(totals.projects))}
${tile('in all', duration(elapsedMs))}
</dl>
${share(totals)}
</header>`;
}

function share({ passed, failed, skipped }: RunSummary['totals']): string {
  const all = passed + failed + skipped;
  if (all === 0) return '';
  let x = 0;
  const parts = (
    [
      ['failed', failed],
      ['passed', passed],
      ['skipped', skipped],
    ] as const
  ).map(([look, count]) => {
    const width = (count / all) * 100;
    const rect = `<rect class="f-${look}" x="${x.toFixed(2)}%" width="${width.toFixed(2)}%" height="8"/>`;
    x += width;
    return rect;
  });
  return `<svg class="share" role="img" aria-label="${String(passed)} of ${String(all)} tests passed">${parts.join('')}</svg>`;
}

function serviceFailure({ service, code, summary }: RunSummary['serviceFailures'][number]): string {
  return `<article class="card failure"><h3>${escapeHtml(service ?? 'Services')} <span class="chip">${escapeHtml(code)}</span></h3><p>${escapeHtml(summary)}</p></article>`;
}

function failure({ project, test }: Entry, anchor: string, logs: Logs): string {
  const place = [project.project, test.file, duration(test.tookMs)].map(escapeHtml).join(' · ');
  const cached = project.fromCache ? ' · from the cache' : '';
  const serverLogs = project.fromCache ? [] : logOf(test, logs);
  return `<article class="card failure" id="${anchor}">
<h3>${escapeHtml(nameOf(test))} ${chips(test)}</h3>
<p class="soft small">${place}${cached}</p>
<pre>${escapeHtml(test.message ?? 'no message')}</pre>
${serverLogs
  .map(
    ({ service, lines }) =>
      `<details open><summary class="soft small">What ${escapeHtml(service)} logged meanwhile</summary><pre>${escapeHtml(lines.join('\n'))}</pre></details>`,
  )
  .join('')}
</article>`;
}

function chips({ tags, services: used }: TestResult): string {
  return [...used, ...tags].map((word) => `<span class="chip">${escapeHtml(word)}</span>`).join(' ');
}

function slowestTests(entries: readonly Entry[]): string[] {
  const ran = entries.filter(({ project, test }) => test.status !== 'skipped' && !project.fromCache);
  const top = ran.toSorted((a, b) => b.test.tookMs - a.test.tookMs).slice(0, slowest);
  const longest = Math.max(1, top[0]?.test.tookMs ?? 0);
  if (top.length === 0) return [];
  const items = top.map(({ project, test }) => {
    const width = ((test.tookMs / longest) * 100).toFixed(1);
    return `<li><span>${escapeHtml(nameOf(test))} <span class="soft small">${escapeHtml(project.project)}</span></span><span class="number">${duration(test.tookMs)}</span><svg class="bar" aria-hidden="true"><rect class="f-${test.status}" width="${width}%" height="4" rx="2"/></svg></li>`;
  });
  return [`<ol class="list">${items.join('')}</ol>`];
}

function services({ services: all }: RunSummary): string[] {
  if (all.length === 0) return [];
  const cards = all.map(({ service, version, provider, address, startedInMs, held }) => {
    const how = startedInMs === undefined ? 'already running' : `started in ${duration(startedInMs)}`;
    const where =
      held.length === 0 ? 'not started: all that needs it came from the cache' : `${address} · ${how}`;
    return `<div class="card"><h3>${escapeHtml(service)} <span class="chip">${escapeHtml(provider)}</span></h3><p>${escapeHtml(version)}</p><p class="soft small">${escapeHtml(where)}</p></div>`;
  });
  return [`<div class="cards">${cards.join('')}</div>`];
}

function projects({ projects: all }: RunSummary): string[] {
  if (all.length === 0) return [];
  const rows = all.map(({ project, passed, failed, skipped, elapsedMs, fromCache }) => {
    const cell = (count: number, look = ''): string =>
      `<td class="number${look !== '' && count > 0 ? ` is-${look}` : ''}">${String(count)}</td>`;
    const time = fromCache ? '<span class="soft">cached</span>' : duration(elapsedMs);
    return `<tr><th scope="row">${escapeHtml(project)}</th>${cell(passed, 'passed')}${cell(failed, 'failed')}${cell(skipped)}<td class="number">${time}</td></tr>`;
  });
  const table = `<table><thead><tr><th scope="col">project</th>${['passed', 'failed', 'skipped', 'time'].map((name) => `<th scope="col" class="number">${name}</th>`).join('')}</tr></thead><tbody>${rows.join('')}</tbody></table>`;
  return [`<div class="card">${table}</div>`, ...all.filter(({ tests }) => tests.length > 0).map(allTests)];
}

function allTests({ project, tests }: ProjectResult): string {
  const files = [...new Set(tests.map(({ file }) => file))];
  const lists = files.map((file) => {
    const items = tests
      .filter((test) => test.file === file)
      .map(
        (test) =>
          `<li><span><span class="is-${test.status}">${test.status}</span> ${escapeHtml(nameOf(test))} ${chips(test)}</span><span class="number soft">${test.status === 'skipped' ? '' : duration(test.tookMs)}</span></li>`,
      );
    return `<h3 class="small mono soft">${escapeHtml(file)}</h3><ul class="list small">${items.join('')}</ul>`;
  });
  return `<details class="card"><summary>${escapeHtml(project)}: ${tests.length === 1 ? '1 test' : `${String(tests.length)} tests`}</summary>${lists.join('')}</details>`;
}
