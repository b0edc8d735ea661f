import { HarnessError } from './harness-error.js';

/**
 * A word to choose tests by. `smoke`: few, quick, and enough to tell that a package works at all. `slow`: takes more than
 * some seconds. `fault`: something is broken on purpose. Any other word of small letters, digits and hyphens does too.
 */
export type Tag = 'smoke' | 'slow' | 'fault' | (string & {});

/** What a suite of tests can say of itself. */
export interface SuiteOptions {
  /** Carried by every test of the suite. @defaultValue none */
  readonly tags?: readonly Tag[];
}

type TestBody = () => unknown;

/** Registers a test, as Jest's `test` does. `timeoutMs` is Jest's third argument. */
export type RegisterTest = (title: string, body: TestBody, timeoutMs?: number) => void;

/**
 * `test` with tags: `tagged('smoke')('reads what was written', async () => …)`.
 *
 * A tag is a word with `@` at the end of a title, and no more than that: `jest -t @smoke` chooses by it, and
 * `test.each(rows)('reads %s @smoke', …)` carries it as well.
 *
 * @throws HarnessError `invalid-option` for a tag that is no such word.
 */
export function tagged(...tags: readonly [Tag, ...Tag[]]): RegisterTest {
  return (title, body, timeoutMs) => {
    const { test } = globalThis as { test?: RegisterTest };
    if (test === undefined) {
      throw new HarnessError('invalid-option', 'tagged needs the global `test`, as Jest has it');
    }
    test(withMarkers(title, tags), body, timeoutMs);
  };
}

/** A title that carries words to choose by. @throws HarnessError `invalid-option` for what is no word. */
export function withMarkers(title: string, words: readonly string[]): string {
  const wrong = words.find((word) => !/^[a-z][a-z0-9-]*$/.test(word));
  if (wrong !== undefined) {
    throw new HarnessError(
      'invalid-option',
      `the tag is ${JSON.stringify(wrong)}; it must be small letters, digits and hyphens, a letter first`,
    );
  }
  return [title, ...words.map((word) => `@${word}`)].join(' ');
}
