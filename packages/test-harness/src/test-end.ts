/** How a test ended. */
export interface TestEnd {
  /** With the names of the blocks around it. */
  readonly testName: string;
  readonly failed: boolean;
}

export type OnTestEnd = (end: TestEnd) => void | Promise<void>;

/** What the Jest environment and the tests inside it share: the one has the verdicts, the others want them. */
export interface TestEnds {
  /** Whether a test with its hooks is running, and not the hooks of a whole suite. */
  isInTest: boolean;
  /** Those of the running test. */
  readonly ofTest: Set<OnTestEnd>;
  /** Those of all tests that follow. */
  readonly ofEach: Set<OnTestEnd>;
}

/** Where the environment puts them, in the global object of the tests. */
export const testEndsKey = Symbol.for('@sqlflow/test-harness/test-ends');

/**
 * Calls back when the running test is over, its `afterEach` hooks included. Asked for outside of a test, in `beforeAll` or in
 * the body of a file, it calls back after each test that follows. What the callback throws fails the test.
 * Several tests that run at once (`test.concurrent`) are not told apart.
 *
 * @returns Takes the callback back. `undefined` if nobody tells of the ends of tests here, since the tests do not run in
 * the Jest environment of this package.
 */
export function atTestEnd(callback: OnTestEnd): (() => void) | undefined {
  const ends = testEnds();
  if (ends === undefined) return undefined;
  const callbacks = ends.isInTest ? ends.ofTest : ends.ofEach;
  callbacks.add(callback);
  return () => void callbacks.delete(callback);
}

/** What wants to know that a file is over: put where {@link testEndsKey} is. */
export type FileEnds = Set<() => Promise<void>>;

export const fileEndsKey = Symbol.for('@sqlflow/test-harness/file-ends');

/**
 * Calls back when all tests and hooks of the file are over. What the callback throws fails the file.
 *
 * @returns `false` if nobody tells of the end of files here, as {@link atTestEnd}.
 */
export function atFileEnd(callback: () => Promise<void>): boolean {
  const ends = (globalThis as { [fileEndsKey]?: FileEnds })[fileEndsKey];
  ends?.add(callback);
  return ends !== undefined;
}

/** Whether a test with its hooks is running, in the Jest environment of this package. */
export function isTestRunning(): boolean {
  return testEnds()?.isInTest === true;
}

function testEnds(): TestEnds | undefined {
  return (globalThis as { [testEndsKey]?: TestEnds })[testEndsKey];
}
