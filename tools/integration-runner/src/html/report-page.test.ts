import fc from 'fast-check';
import { ordinaryRun, projectResult, runSummary, startedAtMs, testResult } from '../../test/fixture.js';
import { duration } from './duration.js';
import { escapeHtml } from './escape.js';
import { reportPage } from './report-page.js';

const none = new Map();

describe('the page of a run', () => {
  test('shows verdict, failures with the lines that servers logged meanwhile, and the slowest tests', () => {
    const { summary, logs } = ordinaryRun();
    const page = reportPage(summary, logs);
    expect(page).toContain('<h1 class="is-failed">Tests failed</h1>');
    expect(page).toMatch(/id="failure-1">\s*<h3>reading › an abort frees the server/);
    expect(page).toContain('What postgres logged meanwhile');
    expect(page).toContain('canceling statement due to user request');
    expect(page).toContain('<a href="#failure-2" aria-label="scanKeys of redisSource › finds every key');
    expect(page).toContain('From the cache, not run: s3-connector.');
    expect(page).toContain('reset_peer');
  });

  test('holds no script, and asks for nothing', () => {
    const page = reportPage(ordinaryRun().summary, none);
    expect(page).toMatch(/content="default-src &#39;none&#39;; style-src &#39;sha256-/);
    expect(page).not.toMatch(/<script|<link|<img|url\(|https?:|style=|\son\w+=/i);
  });

  test('shows what tests say as text, whatever it is', () => {
    const hostile = '</style></script><img src=x onerror=alert(1)>"\'&\u202egnp.exe\u0000';
    const test = testResult({
      titles: [hostile],
      file: hostile,
      tags: [hostile],
      status: 'failed',
      message: hostile,
    });
    const summary = runSummary({
      command: [hostile],
      projects: [projectResult({ project: hostile, tests: [test] })],
    });
    const page = reportPage(summary, new Map([[hostile, [{ atMs: startedAtMs + 1_000, text: hostile }]]]));
    const harmless = reportPage(
      runSummary({
        command: ['x'],
        projects: [
          projectResult({
            project: 'x',
            tests: [{ ...test, titles: ['x'], file: 'x', tags: ['x'], message: 'x' }],
          }),
        ],
      }),
      new Map([['x', [{ atMs: startedAtMs + 1_000, text: 'x' }]]]),
    );
    const elements = (html: string): string[] => html.match(/<\/?[a-z][a-z0-9]*/gi) ?? [];
    expect(elements(page)).toEqual(elements(harmless));
    expect(page).not.toContain('\u202e');
    expect(page).not.toContain('\u0000');
  });

  test.each([0, 1, 2_000])('is made of %d tests', (count) => {
    const tests = Array.from({ length: count }, (_, index) =>
      testResult({ titles: [`test ${String(index)}`], startedAtMs: startedAtMs + index, tookMs: index % 7 }),
    );
    const page = reportPage(runSummary({ projects: count === 0 ? [] : [projectResult({ tests })] }), none);
    expect(page.match(/class="f-passed" x=/g)?.length ?? 0).toBe(count === 0 ? 0 : count + 1);
    expect(page.length).toBeLessThan(3_000_000);
    if (count === 0) expect(page).toContain('Nothing ran in this run.');
  });

  test('never draws a bar outside, however odd the times are', () => {
    const time = fc.integer({ min: -100_000, max: 100_000 });
    fc.assert(
      fc.property(time, fc.nat({ max: 200_000 }), (start, tookMs) => {
        const tests = [testResult({ startedAtMs: startedAtMs + start, tookMs })];
        const page = reportPage(runSummary({ projects: [projectResult({ tests })] }), none);
        for (const [, x, width] of page.matchAll(/ x="([-\d.]+)%" y="\d+" width="([-\d.]+)%"/g)) {
          expect(Number(x)).toBeGreaterThanOrEqual(0);
          expect(Number(width)).toBeGreaterThan(0);
          expect(Number(x) + Number(width)).toBeLessThanOrEqual(100.31);
        }
      }),
    );
  });
});

test.each([
  [0, '0 ms'],
  [0.34, '0.3 ms'],
  [34.4, '34 ms'],
  [1_234, '1.2 s'],
  [5_000, '5 s'],
  [185_000, '3 min 5 s'],
])('%d ms is said as %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});

test('escaped text has nothing in it that HTML understands', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(escapeHtml(text)).not.toMatch(/[<>"']|&(?!amp;|lt;|gt;|quot;|#39;)/);
      expect(escapeHtml(text)).not.toMatch(/\p{Surrogate}/u);
    }),
  );
});
