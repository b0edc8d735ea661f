import fc from 'fast-check';
import {
  dataBytesRange,
  encode,
  longestKeepWarmMs,
  maxConnectionsRange,
  type Request,
  requestSchema,
  type ServiceStart,
} from './protocol.js';

const postgres: ServiceStart = { service: 'postgres', provider: 'local', variables: {} };
const own = { kind: 'private', holder: 'a', start: postgres, limits: {} };
const lease = { kind: 'lease', holder: 'a:integration', services: [postgres], keepWarmMs: 0 };

describe('the requests of a client', () => {
  test.each<Request>([
    {
      kind: 'lease',
      holder: 'a',
      services: [
        postgres,
        { service: 'my-own-2', provider: 'docker', variables: { MY_OWN_IMAGE: 'my-own:2.1' } },
      ],
      keepWarmMs: longestKeepWarmMs,
    },
    { kind: 'pin', holder: 'a', services: [], ports: { redis: 0, 'object-store': 65_535 } },
    { kind: 'status' },
    {
      kind: 'private',
      holder: 'a',
      start: postgres,
      limits: { dataBytes: dataBytesRange.atMost, maxConnections: maxConnectionsRange.atLeast },
    },
    { kind: 'private', holder: 'a', start: postgres, limits: {} },
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
    ['a service whose name cannot be one', { ...lease, services: [{ ...postgres, service: '../etc' }] }],
    ['a service whose name is too long', { ...lease, services: [{ ...postgres, service: 'x'.repeat(41) }] }],
    ['a service without a provider', { ...lease, services: [{ service: 'postgres', variables: {} }] }],
    ['a provider that starts nothing', { ...lease, services: [{ ...postgres, provider: 'external' }] }],
    ['a variable that is no text', { ...lease, services: [{ ...postgres, variables: { A: 1 } }] }],
    ['services that are no list', { ...lease, services: postgres }],
    ['a negative time', { ...lease, keepWarmMs: -1 }],
    ['no time at all', { ...lease, keepWarmMs: null }],
    ['a time that no timer can wait', { ...lease, keepWarmMs: longestKeepWarmMs + 1 }],
    ['a data folder of no size', { ...own, limits: { dataBytes: 0 } }],
    ['a data folder of more than memory', { ...own, limits: { dataBytes: dataBytesRange.atMost + 1 } }],
    ['a part of a connection', { ...own, limits: { maxConnections: 4.5 } }],
    ['limits that are missing', { kind: 'private', holder: 'a', start: postgres }],
    ['a very long name', { ...lease, holder: 'x'.repeat(201) }],
    ['a port that is none', { kind: 'pin', holder: 'a', services: [], ports: { redis: 65_536 } }],
    ['a port that is no number', { kind: 'pin', holder: 'a', services: [], ports: { redis: '6379' } }],
    ['a port of what cannot be a service', { kind: 'pin', holder: 'a', services: [], ports: { 'a b': 1 } }],
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
