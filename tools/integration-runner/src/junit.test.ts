import fc from 'fast-check';
import { XMLParser } from 'fast-xml-parser';
import { projectResult, startedAtMs, testResult } from '../test/fixture.js';
import { junitXml } from './junit.js';

interface Parsed {
  readonly testsuites: { readonly testsuite: readonly Suite[] } & Record<string, unknown>;
}
type Suite = Record<string, unknown> & { readonly testcase: readonly Record<string, unknown>[] };

/** As GitLab and the actions for GitHub read it: attributes and text, entities resolved. */
function parse(xml: string): Parsed {
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '',
    parseAttributeValue: false,
    trimValues: false,
    isArray: (name) => name === 'testsuite' || name === 'testcase',
  });
  return parser.parse(xml) as Parsed;
}

const first = 'packages/shop/test/integration/orders.integration.test.ts';
const second = 'packages/shop/test/integration/stock.integration.test.ts';
const result = projectResult({
  tests: [
    testResult({ file: first }),
    testResult({
      file: first,
      titles: ['</testcase> & "quoted"'],
      status: 'failed',
      message: 'TypeError: <x> is not\u0000 a \u001b[31mfunction\n    at y',
    }),
    testResult({ file: second, titles: ['later'], status: 'skipped', startedAtMs: startedAtMs, tookMs: 0 }),
  ],
});

describe('JUnit XML', () => {
  test('has a suite for a file, with counts, seconds and the time that it began', () => {
    const { testsuites } = parse(junitXml(result));
    expect(testsuites).toMatchObject({
      name: 'shop',
      tests: '3',
      failures: '1',
      errors: '0',
      skipped: '1',
      time: '1.234',
    });
    expect(testsuites.testsuite).toMatchObject([
      { name: first, file: first, tests: '2', failures: '1', skipped: '0', timestamp: '2026-11-22T14:05:09' },
      { name: second, file: second, tests: '1', skipped: '1' },
    ]);
  });

  test('has a case for a test, with the message of a failure first as one line, then whole', () => {
    const [suite, other] = parse(junitXml(result)).testsuites.testsuite;
    expect(suite?.testcase).toMatchObject([
      { classname: 'shop.orders', name: 'orders › are found again', file: first, time: '0.120' },
      {
        name: '</testcase> & "quoted"',
        failure: {
          message: 'TypeError: <x> is not\ufffd a \ufffd[31mfunction',
          type: 'TypeError',
          '#text': 'TypeError: <x> is not\ufffd a \ufffd[31mfunction\n    at y',
        },
      },
    ]);
    expect(suite?.testcase[0]).not.toHaveProperty('failure');
    expect(other?.testcase[0]).toHaveProperty('skipped');
  });

  test('has one case for a test, with characters that XML may have, whatever a test is called and says', () => {
    const text = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(text, text, (title, message) => {
        const failed = testResult({ titles: [title], status: 'failed', message });
        const xml = junitXml(projectResult({ tests: [failed] }));
        expect(xml).not.toMatch(/\p{Surrogate}/u);
        expect(xml).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/);
        const [only] = parse(xml).testsuites.testsuite;
        expect(only?.testcase).toHaveLength(1);
      }),
    );
  });

  test('of no test is a document too', () => {
    expect(parse(junitXml(projectResult({ tests: [] }))).testsuites).toMatchObject({ tests: '0' });
  });
});
