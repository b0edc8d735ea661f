import { testEndsKey } from '../../src/test-end.js';

/** Does something as outside of our Jest environment, where a lease that leaks rejects its disposal. */
export async function withoutEnvironment<T>(work: () => Promise<T>): Promise<T> {
  const here = globalThis as { [testEndsKey]?: unknown };
  const before = here[testEndsKey];
  Reflect.deleteProperty(here, testEndsKey);
  try {
    return await work();
  } finally {
    here[testEndsKey] = before;
  }
}

/** Gives something back, and answers what was reported: the message of the error, or nothing. */
export async function reportOf(lease: AsyncDisposable): Promise<string | undefined> {
  return withoutEnvironment(async () => {
    try {
      await lease[Symbol.asyncDispose]();
      return undefined;
    } catch (error) {
      expect(error).toMatchObject({ name: 'HarnessError', code: 'leaked' });
      return (error as Error).message;
    }
  });
}
