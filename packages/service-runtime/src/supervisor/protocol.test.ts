import fc from 'fast-check';
import { encode, longestKeepWarmMs, type Request, requestSchema } from './protocol.js';

const lease = { kind: 'lease', holder: 'a:integration', services: ['postgres'], keepWarmMs: 0 };

describe('the requests of a client', () => {
  test.each<Request>([
    { kind: 'lease', holder: 'a', services: ['postgres', 'redis'], keepWarmMs: longestKeepWarmMs },
    { kind: 'pin', holder: 'a', services: [], ports: { redis: 0, 'object-store': 65_535 } },
    { kind: 'status' },
    { kind: 'down', force: true },
    { kind: 'stop' },
  ])('arrive as they were sent: $kind', (request) => {
    const line = encode(request);
    expect(line.indexOf('\n')).toBe(line.length - 1);
    expect(requestSchema.parse(JSON.parse(line))).toEqual(request);
  });

  test('are one line, whatever a holder is called', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (holder) => {
        const line = encode({ kind: 'lease', holder, services: [], keepWarmMs: 0 });
        expect(line.split('\n')).toHaveLength(2);
      }),
    );
  });

  test.each([
    ['no object', null],
    ['another kind', { kind: 'format-disk' }],
    ['no kind', { holder: 'a' }],
    ['an unknown service', { ...lease, services: ['mysql'] }],
    ['services that are no list', { ...lease, services: 'postgres' }],
    ['a negative time', { ...lease, keepWarmMs: -1 }],
    ['no time at all', { ...lease, keepWarmMs: null }],
    ['a time that no timer can wait', { ...lease, keepWarmMs: longestKeepWarmMs + 1 }],
    ['a very long name', { ...lease, holder: 'x'.repeat(201) }],
    ['a port that is none', { kind: 'pin', holder: 'a', services: [], ports: { redis: 65_536 } }],
    ['a port that is no number', { kind: 'pin', holder: 'a', services: [], ports: { redis: '6379' } }],
    ['a port of an unknown service', { kind: 'pin', holder: 'a', services: [], ports: { mysql: 1 } }],
    ['a force that is no boolean', { kind: 'down', force: 'yes' }],
  ])('are refused with %s', (_, garbage) => {
    expect(requestSchema.safeParse(garbage).success).toBe(false);
  });

  test('are never taken from anything that JSON can say by accident', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(requestSchema.safeParse(value).success).toBe(false);
      }),
    );
  });
});
