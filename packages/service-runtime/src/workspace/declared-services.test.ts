import { ServiceFailure } from '../failure/service-failure.js';
import { declaredServices, parseServices } from './declared-services.js';

const declare = (services: unknown): unknown => ({ name: 'a', nx: { metadata: { services } } });

describe('the services that a project declares', () => {
  test('are read in the order in which services are shown, each once', () => {
    expect(declaredServices(declare(['redis', 'postgres', 'redis']), 'a/package.json')).toEqual([
      'postgres',
      'redis',
    ]);
  });

  test('may be one name, and may be none at all', () => {
    expect(declaredServices(declare('redis'), 'a/package.json')).toEqual(['redis']);
    expect(declaredServices(declare([]), 'a/package.json')).toEqual([]);
  });

  test.each([[{}], [{ nx: {} }], [{ nx: { metadata: null } }], [null], [undefined], ['text'], [[]]])(
    'are undefined, which is not the same as none, in %j',
    (manifest) => {
      expect(declaredServices(manifest, 'a/package.json')).toBeUndefined();
    },
  );

  test('are refused with what cannot be a name, the place, and what can', () => {
    let failure: unknown;
    try {
      declaredServices(declare(['postgres', 'My SQL', 7, null]), 'a/package.json');
    } catch (error) {
      failure = error;
    }
    expect(failure).toBeInstanceOf(ServiceFailure);
    expect(failure).toMatchObject({
      report: {
        code: 'UNKNOWN_SERVICE',
        summary: 'There is no service "My SQL", 7, null.',
        evidence: [
          'given in nx.metadata.services in a/package.json',
          'built in: postgres, object-store, redis; a name is lower-case words joined by "-"',
        ],
      },
    });
  });

  test('may be of the workspace itself: they come after the built-in ones, by name', () => {
    expect(parseServices(['queue', 'redis', 'cache-2', 'queue', 'postgres'], 'here')).toEqual([
      'postgres',
      'redis',
      'cache-2',
      'queue',
    ]);
  });

  test.each(['__proto__', '..', 'a/b', 'A', 'a--b', 'a-', '2a', '', 'a b', 'é', 'x'.repeat(41)])(
    'never lead out of their folder by their name, as in %j',
    (name) => {
      expect(() => parseServices(name, 'here')).toThrow(ServiceFailure);
    },
  );
});
