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

  test('are refused with the name, the place and the names there are', () => {
    let failure: unknown;
    try {
      declaredServices(declare(['postgres', 'mysql', 7, null]), 'a/package.json');
    } catch (error) {
      failure = error;
    }
    expect(failure).toBeInstanceOf(ServiceFailure);
    expect(failure).toMatchObject({
      report: {
        code: 'UNKNOWN_SERVICE',
        summary: 'There is no service "mysql", 7, null.',
        evidence: [
          'given in nx.metadata.services in a/package.json',
          'services: postgres, object-store, redis',
        ],
      },
    });
  });

  test('cannot be had from the prototype of something', () => {
    expect(() => parseServices('constructor', 'here')).toThrow(ServiceFailure);
    expect(() => parseServices('__proto__', 'here')).toThrow(ServiceFailure);
  });
});
