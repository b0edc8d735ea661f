import { figuresOf } from './figures.js';
import { scenario } from './scenario.js';
import { simulate } from './simulate.js';
import { preset, variants } from './variants.js';

const small = { ...scenario, clients: 20, outage: { from: 5, until: 15 }, end: 40 };

async function courseOf(name: string, seed = small.seed) {
  const variant = variants[name];
  if (variant === undefined) throw new Error(`there is no variant "${name}"`);
  return simulate({ ...small, seed }, variant);
}

describe('a simulated storm', () => {
  test('takes the same course with the same seed, and another with another', async () => {
    const course = await courseOf(preset, 7);
    expect(await courseOf(preset, 7)).toEqual(course);
    expect(await courseOf(preset, 8)).not.toEqual(course);
  });

  test('without retries asks the server once for each call, and nothing succeeds in the outage alone', async () => {
    const { calls, succeeded, attempts } = await courseOf('no retry');
    expect(attempts).toEqual(calls);
    expect(succeeded.slice(5, 15)).toEqual(Array(10).fill(0));
    expect(succeeded.slice(15, 30)).toEqual(calls.slice(15, 30));
  });

  test('asks it almost as often as there are attempts when nothing holds the retries back', async () => {
    const course = await courseOf('5 attempts, exponential backoff with full jitter');
    expect(figuresOf(course, small).amplification).toBeGreaterThan(4);
  });

  test('asks it less often than it is called with the database preset', async () => {
    const { amplification } = figuresOf(await courseOf(preset), small);
    expect(amplification).toBeLessThan(1.1);
  });
});
