import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const environment = fileURLToPath(
  new URL('../../../../tools/source-loader/jest-test-environment.mjs', import.meta.url),
);
const jest = createRequire(import.meta.url).resolve('jest/bin/jest');

/** Runs Jest on one file. @returns What the tests wrote by `note(…)`, and the names of those that failed, with what they threw. */
function run(body: string): { notes: unknown[]; failed: string[]; messages: string[] } {
  const folder = mkdtempSync(join(tmpdir(), 'environment-'));
  const [notes, results] = [join(folder, 'notes'), join(folder, 'results.json')];
  try {
    writeFileSync(
      join(folder, 'some.test.cjs'),
      `const note = (value) => require('node:fs').appendFileSync(${JSON.stringify(notes)}, JSON.stringify(value) + '\\n');
       const ends = globalThis[Symbol.for('@sqlflow/test-harness/test-ends')];
       const atTestEnd = (callback) => void (ends.isInTest ? ends.ofTest : ends.ofEach).add(callback);
       ${body}`,
    );
    writeFileSync(
      join(folder, 'jest.config.json'),
      JSON.stringify({ testEnvironment: environment, testMatch: ['**/*.test.cjs'], transform: {} }),
    );
    spawnSync(process.execPath, [jest, '--runInBand', '--json', `--outputFile=${results}`], { cwd: folder });
    const { testResults } = JSON.parse(readFileSync(results, 'utf8')) as {
      testResults: { assertionResults: { status: string; fullName: string; failureMessages: string[] }[] }[];
    };
    return {
      notes: readFileSync(notes, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line): unknown => JSON.parse(line)),
      failed: testResults.flatMap(({ assertionResults }) =>
        assertionResults.flatMap(({ status, fullName }) => (status === 'failed' ? [fullName] : [])),
      ),
      messages: testResults.flatMap(({ assertionResults }) =>
        assertionResults.flatMap(({ failureMessages }) => failureMessages),
      ),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('the Jest environment', () => {
  test('tells at the end of each test, after its hooks, whether it failed', () => {
    const { notes, failed } = run(`
      beforeAll(() => atTestEnd((end) => note(['each', end.testName, end.failed])));
      afterEach(() => note('hook'));
      test('one', () => atTestEnd(async (end) => note(['of one', end.failed])));
      describe('block', () => test('two', () => { throw new Error('no'); }));
    `);
    expect(notes).toEqual([
      'hook',
      ['of one', false],
      ['each', 'one', false],
      'hook',
      ['each', 'block two', true],
    ]);
    expect(failed).toEqual(['block two']);
  });

  test('calls a test failed whose hook fails, and fails the one whose callback throws', () => {
    const { notes, failed } = run(`
      afterEach(() => { if (expect.getState().currentTestName === 'one') throw new Error('of the hook'); });
      test('one', () => atTestEnd((end) => note([end.testName, end.failed])));
      test('two', () => atTestEnd((end) => { note([end.testName, end.failed]); throw new Error('leaked'); }));
      test('three', () => note('three'));
    `);
    expect(notes).toEqual([['one', true], ['two', false], 'three']);
    expect(failed).toEqual(['one', 'two']);
  });

  test('shows what a test threw, and then what the disposal after it did', () => {
    const { messages } = run(`
      const suppress = (error, suppressed) =>
        Object.assign(new Error('An error was suppressed.'), { name: 'SuppressedError', error, suppressed });
      test('one', () => {
        note(1);
        throw suppress(new Error('third'), suppress(new Error('second'), new Error('first')));
      });
    `);
    expect(messages.map((message) => message.split('\n')[0])).toEqual([
      'Error: first',
      'Error: second',
      'Error: third',
    ]);
  });
});
