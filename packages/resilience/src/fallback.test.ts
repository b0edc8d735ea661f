import { fallback } from './fallback.js';
import { VirtualClock } from './testing/virtual-clock.js';

const handled = new Error('handled');
const policy = fallback(
  { isHandled: (error) => error === handled, value: (error) => ['instead of', error] as const },
  new VirtualClock(),
);

describe('fallback', () => {
  test('gives something else instead of an error that it handles', async () => {
    expect(await policy(() => Promise.reject(handled))).toEqual(['instead of', handled]);
  });

  test('gives a result as it is, and throws any other error', async () => {
    const other = new Error('other');
    expect(await policy(() => Promise.resolve(1))).toBe(1);
    await expect(policy(() => Promise.reject(other))).rejects.toBe(other);
  });

  test('an abort is thrown as ever, though the error would be handled', async () => {
    const abort = new AbortController();
    const outcome = policy(() => {
      abort.abort(handled);
      return Promise.reject(handled);
    }, abort.signal);
    await expect(outcome).rejects.toBe(handled);
  });
});
