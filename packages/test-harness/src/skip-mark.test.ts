import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { markSkipped } from './skip-mark.js';

test('each mark is another, in a file whose folder need not be there', () => {
  const folder = mkdtempSync(join(tmpdir(), 'skip-mark-'));
  try {
    const file = join(folder, 'skipped/shop');
    const marks = [1, 2].map(() => {
      markSkipped({ TEST_SKIP_MARK: file });
      return readFileSync(file, 'utf8');
    });
    expect(new Set(marks).size).toBe(2);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('where nobody asks, nothing is written', () => {
  markSkipped({});
  markSkipped({ TEST_SKIP_MARK: '' });
  expect(existsSync('undefined')).toBe(false);
});
