import type { ProjectResult } from './results.js';
import { renderSummary } from './summary.js';

const result = (changes: Partial<ProjectResult> = {}): ProjectResult => ({
  project: 'redis-connector',
  passed: 5,
  failed: 0,
  skipped: 0,
  elapsedMs: 1_234,
  failures: [],
  tests: [],
  services: [],
  serviceFailures: [],
  ...changes,
});
const failure = (title: string, text = 'Error: no'): ProjectResult['failures'][number] => ({
  file: '/a.ts',
  title,
  text,
});

describe('the summary of a run', () => {
  test('counts, by project and in all', () => {
    const summary = renderSummary([result(), result({ project: 'shop', failed: 2, skipped: 1 })]);
    expect(summary).toContain('## Integration tests: 10 passed, 2 failed, 1 skipped\n');
    expect(summary).toContain('| redis-connector | 5 | 0 | 0 | 1.2 s |\n| shop | 5 | 2 | 1 | 1.2 s |');
  });

  test('says that nothing ran', () => {
    expect(renderSummary([])).toContain('No suite ran');
  });

  test('shows what failed and why, without the stack', () => {
    const summary = renderSummary([
      result({ failures: [failure('reads all', 'Error: 1\n    at a (/b.ts:1:2)')] }),
    ]);
    expect(summary).toContain('<summary>redis-connector: reads all</summary>\n\n```text\nError: 1\n```');
  });

  test('shows where each service came from, and which could not be had', () => {
    const summary = renderSummary([
      result({
        services: [{ service: 'redis', version: 'Redis 7', provider: 'docker' }],
        serviceFailures: [{ code: 'BINARY_MISSING', service: 'object-store', summary: 'not installed' }],
      }),
    ]);
    expect(summary).toContain('| redis-connector | redis | Redis 7 | docker |');
    expect(summary).toContain('| redis-connector | object-store | not installed | BINARY&#95;MISSING |');
  });

  test('shows the ten slowest tests, the slowest first', () => {
    const tests = Array.from({ length: 12 }, (_, index) => ({
      title: `test ${String(index)}`,
      durationMs: index * 1_000,
    }));
    const lines = renderSummary([result({ tests })]).split('\n');
    const rows = lines.slice(lines.indexOf('### Slowest tests') + 4).filter((line) => line.startsWith('|'));
    expect(rows).toHaveLength(10);
    expect(rows[0]).toBe('| 11.0 s | redis-connector | test 11 |');
  });

  test('takes a hostile name for text', () => {
    const title = '</summary><script>x</script> | a `b` *c* [d](e) @me\n## head';
    const summary = renderSummary([
      result({ failures: [failure(title)], tests: [{ title, durationMs: 1 }] }),
    ]);
    for (const markup of ['<script>', ' | a', '`b`', '*c*', '[d]', '@me', '\n## head'])
      expect(summary).not.toContain(markup);
  });

  test('shows a message that has fences in a longer one', () => {
    expect(renderSummary([result({ failures: [failure('a', 'x\n````\n</details>')] })])).toContain(
      '`````text\nx\n````\n</details>\n`````',
    );
  });

  test('stays far below what GitHub takes, however much failed', () => {
    const failures = Array.from({ length: 2_000 }, (_, index) =>
      failure(`test ${String(index)}`, 'x'.repeat(50_000)),
    );
    const summary = renderSummary([result({ failures })]);
    expect(summary.length).toBeLessThan(500_000);
    expect(summary).toContain('and 1950 more');
  });
});
