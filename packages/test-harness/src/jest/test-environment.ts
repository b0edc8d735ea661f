import { TestEnvironment } from 'jest-environment-node';
import { leftWarmKey } from '../lease/warm-databases.js';
import { type FileEnds, fileEndsKey, type OnTestEnd, type TestEnds, testEndsKey } from '../test-end.js';
import { leftWarmHere } from './left-warm.js';
import { unsuppressed } from './unsuppressed.js';

/** The parts of the events of jest-circus that are looked at. */
interface TestEvent {
  readonly name: string;
  readonly test?: CircusTest;
}

interface CircusTest {
  readonly name: string;
  readonly parent?: CircusBlock;
  /** What it threw, its hooks included. */
  readonly errors: unknown[];
}

interface CircusBlock {
  readonly name: string;
  readonly parent?: CircusBlock;
}

/** The block around a whole file. */
const root = 'ROOT_DESCRIBE_BLOCK';

/** Jest's `testEnvironment`: that of Node, and the tests can be told how each of them ended. */
export default class HarnessEnvironment extends TestEnvironment {
  readonly #ends: TestEnds = { isInTest: false, ofTest: new Set(), ofEach: new Set() };
  readonly #fileEnds: FileEnds = new Set();

  override async setup(): Promise<void> {
    await super.setup();
    Object.assign(this.global, {
      [testEndsKey]: this.#ends,
      [fileEndsKey]: this.#fileEnds,
      [leftWarmKey]: leftWarmHere(),
    });
  }

  /** What a callback throws fails the file. */
  override async teardown(): Promise<void> {
    const callbacks = [...this.#fileEnds];
    this.#fileEnds.clear();
    try {
      for (const callback of callbacks) await callback();
    } finally {
      await super.teardown();
    }
  }

  async handleTestEvent({ name, test }: TestEvent): Promise<void> {
    if (name === 'test_start') this.#ends.isInTest = true;
    if (name === 'test_done' && test !== undefined) await this.#testDone(test);
  }

  async #testDone(test: CircusTest): Promise<void> {
    this.#ends.isInTest = false;
    const callbacks: OnTestEnd[] = [...this.#ends.ofTest, ...this.#ends.ofEach];
    this.#ends.ofTest.clear();
    test.errors.splice(0, Infinity, ...test.errors.flatMap(unsuppressed));
    const end = { testName: nameOf(test), failed: test.errors.length > 0 };
    for (const callback of callbacks) {
      try {
        await callback(end);
      } catch (error) {
        test.errors.push(error);
      }
    }
  }
}

function nameOf({ name, parent }: CircusBlock): string {
  return parent === undefined || parent.name === root ? name : `${nameOf(parent)} ${name}`;
}
