import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { reportSuite, requireNamed } from './conformance-suite.js';
import { writeConformanceReport } from './report.js';
import { NonConformance } from './requirement.js';

const requirements = {
  one: { title: 'one holds', answers: [], check: () => Promise.resolve('seen') },
  two: { title: 'two holds', answers: [], check: () => Promise.reject(new NonConformance('3 rows lost')) },
};
const bench = () => Promise.resolve({ [Symbol.asyncDispose]: () => Promise.resolve() });

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'conformance-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('a conformance report', () => {
  test('is as expected if what fails is what was said to fail', async () => {
    const report = await reportSuite('source', requirements, { name: 'it' }, bench);
    expect(report).toMatchObject({ suite: 'source', implementation: 'it', seed: 1, isAsExpected: false });
    expect(report.findings.map(({ requirement, verdict }) => `${requirement} ${verdict}`)).toEqual([
      'one passed',
      'two failed',
    ]);
    const expectedFailures = { two: 'rows lost' };
    expect(await reportSuite('source', requirements, { name: 'it', expectedFailures }, bench)).toMatchObject({
      isAsExpected: true,
    });
  });

  test('can be of some requirements only, and of none that does not exist', async () => {
    const { findings } = await reportSuite('source', requirements, { name: 'it', only: ['one'] }, bench);
    expect(findings).toHaveLength(1);
    const only = ['three'] as never[];
    await expect(reportSuite('source', requirements, { name: 'it', only }, bench)).rejects.toMatchObject({
      code: 'invalid-option',
      message: expect.stringContaining('there is no requirement "three"; there are one, two'),
    });
  });

  test('is written as JSON, into a folder that need not be there', async () => {
    const report = await reportSuite('source', requirements, { name: 'it', seed: 7 }, bench);
    const file = join(folder, 'not', 'there', 'report of #1.json');
    for (const where of [file, pathToFileURL(file)]) {
      writeConformanceReport(where, report);
      expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(report);
      rmSync(file);
    }
  });
});

describe('the README of what is tried', () => {
  const named = async (text: string, expectedFailures: Record<string, string>): Promise<string> => {
    const file = join(folder, 'README.md');
    writeFileSync(file, text);
    return requireNamed(pathToFileURL(file), requirements, expectedFailures).then(
      () => 'fine',
      (error: unknown) => String(error),
    );
  };

  test.each<[string, Record<string, string>, string]>([
    ['# It\n\n## Conformance\n\nNot met: `two`.\n\n## Limits\n\n`one`', { two: '' }, 'fine'],
    ['## Conformance\n\nAll are met.', {}, 'fine'],
    [
      '## Conformance\n\nNot met: `one`.\n',
      { two: '' },
      'do not say|does not say that these are not met yet: two',
    ],
    [
      '## Conformance\n\nNot met: `one`, `two`.\n',
      { two: '' },
      'says that these are not met, and they are: one',
    ],
    ['## Limits\n\nNot met: `two`.\n', { two: '' }, 'has no section "## Conformance"'],
  ])('%j with expected failures %j: %s', async (text, expectedFailures, outcome) => {
    expect(await named(text, expectedFailures)).toMatch(new RegExp(outcome));
  });
});
