/** Gives something back, and answers what was reported: the message of the error, or nothing. */
export async function reportOf(lease: AsyncDisposable): Promise<string | undefined> {
  try {
    await lease[Symbol.asyncDispose]();
    return undefined;
  } catch (error) {
    expect(error).toMatchObject({ name: 'HarnessError', code: 'leaked' });
    return (error as Error).message;
  }
}
