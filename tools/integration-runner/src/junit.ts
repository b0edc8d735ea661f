import { nameOf, type ProjectResult, type TestResult } from './results.js';

/**
 * A project's results as JUnit XML, in the shape that GitLab, Jenkins and the actions for GitHub read: `testsuites` >
 * `testsuite` (a file) > `testcase` with `classname`, `name`, `file` and `time` in seconds, and in it `failure` with
 * `message` and text, or `skipped`.
 */
export function junitXml({ project, tests, elapsedMs, files }: ProjectResult): string {
  const names = [...new Set(tests.map(({ file }) => file))];
  const suites = names.map((file) => {
    const own = tests.filter((test) => test.file === file);
    const times = files.find((result) => result.file === file);
    const tookMs = times === undefined ? 0 : times.endedAtMs - times.startedAtMs;
    const timestamp = times === undefined ? [] : [['timestamp', isoSeconds(times.startedAtMs)] as const];
    return element(
      'testsuite',
      [['name', file], ['file', file], ...counts(own), ['time', seconds(tookMs)], ...timestamp],
      own.map((test) => testcase(project, test)).join(''),
    );
  });
  const all = [['name', project], ...counts(tests), ['time', seconds(elapsedMs)]] as const;
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('testsuites', all, suites.join(''))}`;
}

function testcase(project: string, test: TestResult): string {
  const { file, status, tookMs, message } = test;
  const classname = `${project}.${file.replace(/^.*\//, '').replace(/\.(integration\.)?test\.[cm]?[jt]s$/, '')}`;
  const attributes = [
    ['classname', classname],
    ['name', nameOf(test)],
    ['file', file],
    ['time', seconds(tookMs)],
  ] as const;
  if (status === 'skipped') return element('testcase', attributes, element('skipped', [], ''));
  if (status === 'passed') return element('testcase', attributes, '');
  const text = message ?? '';
  const failure = [
    ['message', text.split('\n', 1)[0] ?? ''],
    ['type', /^(\w+):/.exec(text)?.[1] ?? 'Error'],
  ] as const;
  return element('testcase', attributes, `<failure${attributesXml(failure)}>${escaped(text)}</failure>\n`);
}

function counts(tests: readonly TestResult[]): (readonly [string, string])[] {
  const count = (status: string): string => String(tests.filter((test) => test.status === status).length);
  return [
    ['tests', String(tests.length)],
    ['failures', count('failed')],
    ['errors', '0'],
    ['skipped', count('skipped')],
  ];
}

function element(name: string, attributes: readonly (readonly [string, string])[], content: string): string {
  const start = `<${name}${attributesXml(attributes)}`;
  return content === '' ? `${start}/>\n` : `${start}>\n${content}</${name}>\n`;
}

function attributesXml(attributes: readonly (readonly [string, string])[]): string {
  return attributes.map(([name, value]) => ` ${name}="${escaped(value)}"`).join('');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** XML has no control characters but these three, not even escaped, and no half of a surrogate pair. */
const unfit = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

function escaped(text: string): string {
  return text.replace(unfit, '\uFFFD').replace(/[&<>"']/g, (character) => entities[character] ?? '');
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

function isoSeconds(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19);
}
