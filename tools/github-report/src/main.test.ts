import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../../..', import.meta.url));
const program = fileURLToPath(new URL('main.ts', import.meta.url));
const loader = join(repository, 'tools/source-loader/register.mjs');
const testFile = join(repository, 'packages/shop/test/integration/a.integration.test.ts');

const passed = { fullName: 'passes', status: 'passed', duration: 12, failureMessages: [] };
const failed = {
  fullName: 'a::b, 100%',
  status: 'failed',
  duration: null,
  failureMessages: [`\u001b[31mError: no\u001b[39m\n    at Object.<anonymous> (${testFile}:3:4)`],
};
const jestResult = (...assertionResults: object[]): object => ({
  numPassedTests: 1,
  numFailedTests: 1,
  numPendingTests: 0,
  testResults: [
    { name: testFile, status: 'failed', message: 'x', startTime: 1_000, endTime: 3_500, assertionResults },
  ],
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'github-report-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function report(
  files: Record<string, unknown>,
  ...args: string[]
): { output: string; summary: string; exitCode: number | null } {
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  const summaryFile = join(folder, 'summary.md');
  writeFileSync(summaryFile, 'before\n');
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      '--import',
      loader,
      program,
      ...(args.length > 0 ? args : [folder]),
    ],
    { encoding: 'utf8', env: { GITHUB_STEP_SUMMARY: summaryFile }, timeout: 60_000 },
  );
  return { output: stdout + stderr, summary: readFileSync(summaryFile, 'utf8'), exitCode: status };
}

describe('github-report', () => {
  test('annotates the lines that failed and appends to the summary', () => {
    const { output, summary, exitCode } = report({
      'shop.json': jestResult(passed, failed),
      'shop.services.json': {
        services: [{ service: 'redis', version: 'Redis 7', provider: 'local' }],
        failures: [],
      },
      'cart.json': '{ half',
    });
    expect(exitCode).toBe(0);
    expect(output).toBe(
      '::error file=packages/shop/test/integration/a.integration.test.ts,line=3,title=a%3A%3Ab%2C 100%25::Error: no\n',
    );
    expect(summary).toMatch(/^before\n## Integration tests: 1 passed, 1 failed\n/);
    expect(summary).toContain('| shop | 1 | 1 | 0 | 2.5 s |');
    expect(summary).toContain('| shop | redis | Redis 7 | local |');
  });

  test('annotates the file that could not be loaded', () => {
    const { output } = report({ 'shop.json': jestResult() });
    expect(output).toBe(
      '::error file=packages/shop/test/integration/a.integration.test.ts,title=the file could not be run::x\n',
    );
  });

  test('annotates no more than GitHub shows', () => {
    const { output, summary } = report({
      'shop.json': jestResult(...Array.from({ length: 30 }, () => failed)),
    });
    expect(output.match(/::error/g)).toHaveLength(10);
    expect(summary.match(/<details>/g)).toHaveLength(30);
  });

  test('says that nothing ran where there are no results', () => {
    expect(report({}, join(folder, 'absent'))).toMatchObject({ output: '', exitCode: 0 });
    expect(report({}).summary).toContain('No suite ran');
  });

  test('refuses a wrong command line in words', () => {
    expect(report({}, '--folder', 'x')).toMatchObject({ exitCode: 1 });
    expect(report({}, 'a', 'b').output).toContain('One folder is read');
    expect(report({}, '--help').output).toContain('usage: github-report');
  });
});
