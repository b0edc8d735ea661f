/**
 * What a test has thrown, in the order of throwing. A `SuppressedError`, by which `await using` says that a disposal failed
 * after the test itself had, tells a reader of Jest's report neither of the two.
 *
 * @param thrown - As jest-circus keeps it: an error, or a pair of it and of one that says where the test is.
 */
export function unsuppressed(thrown: unknown): readonly unknown[] {
  if (Array.isArray(thrown)) {
    const [error, ...where] = thrown as unknown[];
    return unsuppressed(error).map((each) => [each, ...where]);
  }
  if (!isSuppressedError(thrown)) return [thrown];
  return [...unsuppressed(thrown.suppressed), ...unsuppressed(thrown.error)];
}

/** By its name: TypeScript makes its own where the engine has none, and each realm has another class. */
function isSuppressedError(thrown: unknown): thrown is { error: unknown; suppressed: unknown } {
  return (
    typeof thrown === 'object' &&
    thrown !== null &&
    'name' in thrown &&
    thrown.name === 'SuppressedError' &&
    'error' in thrown &&
    'suppressed' in thrown
  );
}
