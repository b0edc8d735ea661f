import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { thisHost } from '@sqlflow/service-runtime';
import { type Browser, chromium, type Page } from 'playwright-core';
import { findBrowser } from '../../src/browser.js';
import { reportPage } from '../../src/html/report-page.js';
import { junitXml } from '../../src/junit.js';
import { ordinaryRun, projectResult, runSummary, startedAtMs, testResult } from '../fixture.js';

/** As the harness does for a service: in CI a test that lacks what it needs fails, elsewhere it is skipped and says so. */
const program = findBrowser(thisHost().programFolders);
const isRequired = !['', '0', 'false'].includes((process.env['CI'] ?? '').toLowerCase());
const why = 'neither Chromium nor Chrome is here; get one: apt-get install chromium';
if (program === undefined && !isRequired) process.emitWarning(`skipped "the report in a browser": ${why}`);
// eslint-disable-next-line no-restricted-syntax -- nobody is made to install a browser, and CI is
const suite = program === undefined && !isRequired ? describe.skip : describe;

const switches = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
  ...['--disable-background-networking', '--disable-component-update'],
];

suite('the report in a browser', () => {
  let folder: string;
  let browser: Browser;

  beforeAll(async () => {
    if (program === undefined) throw new Error(why);
    folder = mkdtempSync(join(tmpdir(), 'report-'));
    browser = await chromium.launch({ executablePath: program, args: switches });
  });

  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  });

  interface Opened extends AsyncDisposable {
    readonly page: Page;
    /** What it asked for beyond itself, and what the console said. */
    readonly complaints: readonly string[];
  }

  async function open(html: string, look: Parameters<Browser['newPage']>[0] = {}): Promise<Opened> {
    const file = join(folder, 'report.html');
    writeFileSync(file, html);
    const address = pathToFileURL(file).href;
    const page = await browser.newPage(look);
    const complaints: string[] = [];
    page.on('request', (request) => {
      if (request.url() !== address) complaints.push(`asked for ${request.url()}`);
    });
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('dialog', (dialog) => {
      complaints.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    await page.goto(address);
    return { page, complaints, [Symbol.asyncDispose]: () => page.close() };
  }

  const ordinary = (): string => {
    const { summary, logs } = ordinaryRun();
    return reportPage(summary, logs);
  };
  const background = (page: Page): Promise<string> =>
    page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const widthOf = (page: Page): Promise<number> => page.evaluate(() => document.documentElement.scrollWidth);

  test('shows what happened, asks for nothing, and is styled', async () => {
    await using opened = await open(ordinary());
    const { page, complaints } = opened;
    expect(await page.title()).toBe('Tests failed · integration tests');
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Tests failed');
    expect(await page.locator('.failure').count()).toBe(2);
    expect(await page.getByText('canceling statement due to user request').isVisible()).toBe(true);
    expect(await page.locator('.timeline svg.track').count()).toBe(11);
    expect(await background(page)).toBe('rgb(250, 250, 248)');
    expect(complaints).toEqual([]);
  });

  test('is dark where the reader likes it dark', async () => {
    await using opened = await open(ordinary(), { colorScheme: 'dark' });
    expect(await background(opened.page)).toBe('rgb(21, 23, 26)');
  });

  test.each([360, 768, 1_600])('fits a window of %d pixels', async (width) => {
    await using opened = await open(ordinary(), { viewport: { width, height: 800 } });
    expect(await widthOf(opened.page)).toBe(width);
    const label = opened.page.locator('.timeline .label', { hasText: 'connection' }).first();
    expect((await label.boundingBox())?.width).toBeGreaterThan(60);
  });

  test('can be walked through with the keyboard, from a bar to its failure', async () => {
    await using opened = await open(ordinary());
    const { page } = opened;
    const bar = page.getByRole('link', { name: /an abort frees the server/ });
    await bar.focus();
    await page.keyboard.press('Enter');
    expect(page.url()).toMatch(/#failure-1$/);
    const tests = page.locator('summary', { hasText: 'postgres-connector: 49 tests' });
    await tests.focus();
    await page.keyboard.press('Enter');
    expect(await page.locator('details[open] .list').count()).toBeGreaterThan(0);
  });

  test('has text that can be read, on light and on dark', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await using opened = await open(ordinary(), { colorScheme });
      for (const selector of ['h1', '.soft', 'dd.is-passed', 'pre', '.chip', '.label', 'th']) {
        const ratio = await opened.page.locator(selector).first().evaluate(contrast);
        expect({ colorScheme, selector, isReadable: ratio >= 4.5 }).toMatchObject({ isReadable: true });
      }
    }
  });

  test('runs nothing of what a test or a server has said', async () => {
    const hostile =
      '</style></script></title><script>alert(1)</script><img src="http://localhost:1/x" onerror="alert(2)">';
    const failed = testResult({ titles: [hostile], file: hostile, status: 'failed', message: hostile });
    const summary = runSummary({ projects: [projectResult({ project: hostile, tests: [failed] })] });
    const logs = new Map([[hostile, [{ atMs: startedAtMs + 1_000, text: hostile }]]]);
    await using opened = await open(reportPage(summary, logs));
    const { page, complaints } = opened;
    expect(complaints).toEqual([]);
    expect(await page.locator('script, img').count()).toBe(0);
    expect(await page.locator('.failure h3').first().innerText()).toContain(hostile);
  });

  test('stands beside JUnit XML that a strict parser reads, whatever a test has said', async () => {
    const hostile = '</testcase>]]>&"\u0000\u001b[31m\ud800\ufffe<!-- <?x';
    const failed = testResult({ titles: [hostile], file: hostile, status: 'failed', message: hostile });
    const xml = junitXml(projectResult({ project: hostile, tests: [failed, testResult()] }));
    await using opened = await open(ordinary());
    const read = await opened.page.evaluate((text) => {
      const found = new DOMParser().parseFromString(text, 'application/xml');
      const cases = [...found.querySelectorAll('testsuites > testsuite > testcase')];
      return { errors: found.querySelectorAll('parsererror').length, cases: cases.length };
    }, xml);
    expect(read).toEqual({ errors: 0, cases: 2 });
  });

  test.each([0, 1, 2_000])('opens with %d tests', async (count) => {
    const tests = Array.from({ length: count }, (_, index) =>
      testResult({ titles: ['a suite', `test ${String(index)}`], startedAtMs: startedAtMs + index * 5 }),
    );
    const projects = count === 0 ? [] : [projectResult({ tests })];
    await using opened = await open(reportPage(runSummary({ projects }), new Map()), {
      viewport: { width: 360, height: 800 },
    });
    expect(opened.complaints).toEqual([]);
    expect(await opened.page.locator('.timeline .f-passed').count()).toBe(count === 0 ? 0 : count + 1);
    expect(await widthOf(opened.page)).toBe(360);
  });
});

/** WCAG's contrast of an element's text to what is behind it. Runs in the page. */
function contrast(element: Element): number {
  const channels = (color: string): number[] => (color.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = (color: string): number => {
    const [red = 0, green = 0, blue = 0] = channels(color).map((value) => {
      const share = value / 255;
      return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  let behind: Element | null = element;
  while (behind && channels(getComputedStyle(behind).backgroundColor)[3] === 0) behind = behind.parentElement;
  const [text, ground] = [
    luminance(getComputedStyle(element).color),
    luminance(behind ? getComputedStyle(behind).backgroundColor : 'rgb(255, 255, 255)'),
  ];
  return (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05);
}
