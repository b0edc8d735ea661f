import { ServiceFailure, type ServiceFailureCode } from '@sqlflow/service-runtime';
import { explainFailure } from './explain-failure.js';

const failing = (code: ServiceFailureCode): Promise<never> =>
  Promise.reject(
    new ServiceFailure({ code, summary: 'It cannot.', evidence: ['seen'], next: ['Do this', 'or that.'] }),
  );

describe('a failure of the runtime', () => {
  test.each([
    ['NOT_OURS', 'not-ours'],
    ['FAULT_NOT_SUPPORTED', 'unsupported'],
    ['FAULT_NOT_POSSIBLE', 'refused'],
    ['INVALID_OPTION', 'invalid-option'],
    ['UNKNOWN_SERVICE', 'invalid-option'],
    ['SERVICE_DIED', 'service-unavailable'],
  ] as const)('%s is told as %s, with what was seen and what to do', async (code, told) => {
    const error: unknown = await explainFailure('freezing it', () => failing(code)).catch(
      (failure: unknown) => failure,
    );
    expect(error).toMatchObject({
      name: 'HarnessError',
      code: told,
      message: `[${told}] freezing it failed: It cannot. seen Next: Do this or that.`,
      cause: { code },
    });
  });

  test('is all that is told otherwise: another error passes, and so does an answer', async () => {
    await expect(explainFailure('freezing it', () => Promise.reject(new TypeError('no')))).rejects.toThrow(
      TypeError,
    );
    expect(await explainFailure('freezing it', () => Promise.resolve(7))).toBe(7);
  });
});
