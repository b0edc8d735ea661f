import { NonConformance, type Requirement, tryRequirement } from './requirement.js';

const trial = {
  bench: () => Promise.resolve({ [Symbol.asyncDispose]: () => Promise.resolve() }),
  stopwatch: () => () => 0,
};

function requirement(check: Requirement<unknown>['check']): Requirement<unknown> {
  return { title: 'it holds', answers: [], timeoutMs: 200, check };
}

async function verdictOf(check: Requirement<unknown>['check'], expectedFailure?: string): Promise<string> {
  const finding = await tryRequirement('it', requirement(check), trial, expectedFailure);
  return `${finding.verdict}: ${finding.evidence}`;
}

/** As code that knows no Error would. */
async function rejectionWith(thrown: unknown): Promise<string> {
  throw thrown;
}

const met = () => Promise.resolve('seen');
const notMet = () => Promise.reject(new NonConformance('3 rows lost'));

describe('a requirement', () => {
  test('is passed with its evidence, and failed with what was wrong', async () => {
    expect(await verdictOf(met)).toBe('passed: seen');
    expect(await verdictOf(notMet)).toBe('failed: 3 rows lost');
  });

  test('fails by whatever the implementation throws', async () => {
    expect(await verdictOf(() => Promise.reject(new RangeError('no')))).toBe('failed: RangeError: no');
    expect(await verdictOf(() => rejectionWith('a text'))).toBe("failed: thrown: 'a text'");
  });

  test('that is expected to fail fails as expected, passes unexpectedly, and fails if it is by something else', async () => {
    expect(await verdictOf(notMet, 'rows lost')).toBe('failed-as-expected: 3 rows lost');
    expect(await verdictOf(met, 'rows lost')).toBe('passed-unexpectedly: seen');
    expect(await verdictOf(() => Promise.reject(new Error('ECONNREFUSED')), 'rows lost')).toMatch(
      /^failed: /,
    );
  });

  test('that does not come to an end fails at its limit, and its signal aborts', async () => {
    const finding = await tryRequirement(
      'it',
      { ...requirement(() => new Promise(() => undefined)), timeoutMs: 5 },
      trial,
      undefined,
    );
    expect(finding).toMatchObject({
      verdict: 'failed',
      evidence: expect.stringContaining('took longer than 5 ms'),
    });
  });

  test('fails if its bench cannot be had, or cannot be given back', async () => {
    const noBench = { ...trial, bench: () => Promise.reject(new Error('no server')) };
    const finding = await tryRequirement('it', requirement(met), noBench, undefined);
    expect(finding).toMatchObject({ verdict: 'failed', evidence: 'Error: no server' });
    const leaking = {
      ...trial,
      bench: () => Promise.resolve({ [Symbol.asyncDispose]: () => Promise.reject(new Error('leaked')) }),
    };
    expect(await tryRequirement('it', requirement(met), leaking, undefined)).toMatchObject({
      verdict: 'failed',
    });
    expect((await tryRequirement('it', requirement(notMet), leaking, undefined)).evidence).toBe(
      '3 rows lost; then Error: leaked',
    );
  });
});
