import type { ServiceName } from '@sqlflow/service-runtime';
import { describeIntegrationIn } from './describe-integration.js';

/** A runner that writes down what is registered, and can run a registered test. */
function setting({ unavailable = {}, areTestsRequired = false }: Partial<Given> = {}) {
  const registered: string[] = [];
  const notices: string[] = [];
  const tests: (() => void)[] = [];
  const suite = (mark: string) => (title: string, body: () => void) => {
    registered.push(`${mark} ${title}`);
    body();
  };
  const describeIntegration = describeIntegrationIn({
    runner: () => ({
      describe: Object.assign(suite('describe'), { skip: suite('skip') }),
      test: (title, body) => {
        registered.push(`test ${title}`);
        tests.push(body);
      },
    }),
    availabilityOf: (service) => {
      const reason = unavailable[service];
      return reason === undefined ? { endpoint: { host: 'localhost', port: 1 } } : { unavailable: reason };
    },
    areTestsRequired: () => areTestsRequired,
    notice: (line) => notices.push(line),
    markSkipped: () => registered.push('marked'),
  });
  const body = () => registered.push('body');
  return { describeIntegration, registered, notices, tests, body };
}

interface Given {
  readonly unavailable: Partial<Record<ServiceName, string>>;
  readonly areTestsRequired: boolean;
}

describe('describeIntegration', () => {
  test('describes when the service is to be had', () => {
    const { describeIntegration, registered, notices, body } = setting({ areTestsRequired: true });
    describeIntegration('postgres', body);
    expect(registered).toEqual(['describe on postgres @postgres', 'body']);
    expect(notices).toEqual([]);
  });

  test('takes a title, and several services', () => {
    const { describeIntegration, registered, body } = setting();
    describeIntegration('redis', 'a cache', body);
    describeIntegration(['postgres', 'redis'], body);
    expect(registered).toEqual([
      'describe a cache @redis',
      'body',
      'describe on postgres, redis @postgres @redis',
      'body',
    ]);
  });

  test('marks the title with the services and the tags, for `jest -t @smoke`', () => {
    const { describeIntegration, registered, body } = setting();
    describeIntegration(['postgres', 'redis'], 'a cache', { tags: ['smoke', 'slow'] }, body);
    describeIntegration('redis', 'a cache', {}, body);
    expect(registered).toEqual([
      'describe a cache @postgres @redis @smoke @slow',
      'body',
      'describe a cache @redis',
      'body',
    ]);
  });

  test.each(['Smoke', 'a b', '', '@smoke', '1st', 'a(b'])('refuses the tag %j', (tag) => {
    const { describeIntegration, body } = setting();
    expect(() => {
      describeIntegration('redis', 'a cache', { tags: [tag] }, body);
    }).toThrow(/^\[invalid-option\] the tag is .*; it must be small letters/);
  });

  test('skips, and marks the run, with one line that says which service is missing, and why', () => {
    const { describeIntegration, registered, notices, body } = setting({
      unavailable: { redis: 'not installed' },
    });
    describeIntegration(['postgres', 'redis'], 'a cache', body);
    expect(registered).toEqual(['marked', 'skip a cache @postgres @redis', 'body']);
    expect(notices).toEqual(['skipped "a cache": redis is not to be had: not installed']);
  });

  test('fails, once and with the same words, when tests are required', () => {
    const given = { unavailable: { redis: 'not installed' }, areTestsRequired: true };
    const { describeIntegration, registered, notices, tests, body } = setting(given);
    describeIntegration('redis', 'a cache', body);
    expect(registered).toEqual(['describe a cache @redis', 'test has the services that it needs']);
    expect(tests[0]).toThrow('[service-unavailable] redis is not to be had: not installed');
    expect(notices).toEqual([]);
  });

  test('names all that is missing', () => {
    const { describeIntegration, notices, body } = setting({ unavailable: { redis: 'a', postgres: 'b' } });
    describeIntegration(['redis', 'object-store', 'postgres'], body);
    expect(notices).toEqual([
      'skipped "on redis, object-store, postgres": redis is not to be had: a; postgres is not to be had: b',
    ]);
  });

  test.each([['My SQL'], [[]], [['redis', 'My SQL']], [undefined]])('refuses the service %j', (services) => {
    const { describeIntegration, body } = setting();
    expect(() => {
      describeIntegration(services as ServiceName, body);
    }).toThrow(/^\[invalid-option\] the service is .*; it must be postgres, object-store, redis, or/);
  });

  test('refuses to describe nothing', () => {
    const { describeIntegration } = setting();
    expect(() => {
      describeIntegration('redis', 'a cache', undefined as unknown as () => void);
    }).toThrow('[invalid-option] describeIntegration takes a function last');
  });
});
