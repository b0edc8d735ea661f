import type { HarnessError } from '../harness-error.js';
import { checkAddress, checkLinkOptions } from './link-options.js';
import { checkToxic } from './toxic/check-toxic.js';

test.each([
  [7, 'a toxic is 7; it must be an object with a type'],
  [{ latencyMs: 7 }, 'there is no toxic undefined; there is latency, bandwidth, slicer, timeout'],
  [{ type: 'delay' }, 'there is no toxic "delay"; there is latency, bandwidth, slicer, timeout'],
  [{ type: 'toString' }, 'there is no toxic "toString"'],
  [
    { type: 'latency' },
    'latencyMs of the toxic latency is missing; it must be milliseconds from 0 to 2147483647',
  ],
  [{ type: 'latency', latencyMs: -1 }, 'latencyMs of the toxic latency is -1'],
  [{ type: 'latency', latencyMs: '1' }, 'latencyMs of the toxic latency is "1"'],
  [{ type: 'latency', latencyMs: 1, jitterMs: NaN }, 'jitterMs of the toxic latency is NaN'],
  [
    { type: 'latency', latencyMs: 1, jitter: 1 },
    'the toxic latency has no option jitter; it has latencyMs, jitterMs, direction, connections, toxicity',
  ],
  [
    { type: 'bandwidth', bytesPerSecond: 0 },
    'bytesPerSecond of the toxic bandwidth is 0; it must be a whole number from 1',
  ],
  [
    { type: 'slicer', averageBytes: 5, variationBytes: 5 },
    'of the toxic slicer variationBytes is 5; it must be less than averageBytes, 5',
  ],
  [{ type: 'timeout', timeoutMs: Infinity }, 'timeoutMs of the toxic timeout is Infinity'],
  [
    { type: 'reset_peer', afterBytes: 1, afterMs: 1 },
    'afterBytes and afterMs are both given; give one of them',
  ],
  [{ type: 'limit_data', afterBytes: 1.5 }, 'afterBytes of the toxic limit_data is 1.5'],
  [{ type: 'down', direction: 'upstream' }, 'the toxic down has no option direction'],
  [{ type: 'slow_close', delayMs: 1, direction: 'both' }, 'it must be one of upstream, downstream'],
  [
    { type: 'down', connections: [] },
    'connections of the toxic down is []; it must be a list of numbers from 1',
  ],
  [{ type: 'down', connections: [0] }, 'connections of the toxic down is [0]'],
  [{ type: 'down', connections: { from: 3, to: 2 } }, 'connections of the toxic down is {"from":3,"to":2}'],
  [{ type: 'down', connections: { to: 2 } }, 'connections of the toxic down is {"to":2}'],
  [{ type: 'down', toxicity: 2 }, 'toxicity of the toxic down is 2; it must be a number from 0 to 1'],
  [{ type: 'down', toxicity: 1n }, 'toxicity of the toxic down is "bigint"'],
])('%j is no toxic', (toxic, message) => {
  expect(errorOf(() => checkToxic(toxic))).toMatchObject({
    code: 'invalid-option',
    message: expect.stringContaining(message),
  });
});

test.each([
  { type: 'latency', latencyMs: 0 },
  { type: 'latency', latencyMs: 2_147_483_647, jitterMs: undefined },
  { type: 'reset_peer' },
  { type: 'reset_peer', afterMs: 0, direction: 'upstream', toxicity: 0 },
  { type: 'limit_data', afterBytes: 0, connections: { from: 2 } },
  { type: 'down', connections: { from: 2, to: 2 } },
])('%j is one', (toxic) => {
  expect(checkToxic(toxic)).toBe(toxic);
});

test.each([
  [{ seeds: 7 }, 'toxicLink has no option seeds; it has seed, script, replay'],
  [{ seed: -7 }, 'seed of toxicLink is -7; it must be a whole number from 0'],
  [{ script: {} }, 'script of toxicLink is {}; it must be a list of toxics'],
  [{ script: [{ type: 'up' }] }, 'there is no toxic "up"'],
  [{ replay: 7 }, 'replay of toxicLink is 7; it must be a line that a link has printed'],
])('%j are no options of a link', (options, message) => {
  expect(errorOf(() => checkLinkOptions(options as never))).toMatchObject({
    code: 'invalid-option',
    message: expect.stringContaining(message),
  });
});

test('an endpoint without host or port is refused, and its password not shown', () => {
  const endpoint = { host: 'localhost', port: 0, password: 'canary' };
  expect(errorOf(() => checkAddress(endpoint)).message).toBe(
    '[invalid-option] port of the endpoint is 0; it must be a whole number from 1 to 65535',
  );
  expect(errorOf(() => checkAddress({ ...endpoint, host: '' })).message).toMatch(
    /^\S+ host of the endpoint is ""/,
  );
  expect(errorOf(() => checkAddress(undefined)).message).not.toContain('canary');
});

function errorOf(check: () => unknown): HarnessError {
  try {
    check();
  } catch (error) {
    return error as HarnessError;
  }
  throw new Error('nothing was refused');
}
