import { ServiceFailure } from '@sqlflow/service-runtime';
import { run, servicesOption } from './run.js';

describe('the option services', () => {
  test.each([
    [undefined, ['postgres', 'object-store', 'redis']],
    ['redis', ['redis']],
    ['redis, postgres', ['postgres', 'redis']],
    [
      ['redis,postgres', 'object-store'],
      ['postgres', 'object-store', 'redis'],
    ],
    [['redis', 'redis', ''], ['redis']],
  ])('is read from %j', (given, expected) => {
    expect(servicesOption(given, '/nowhere')).toEqual(expected);
  });

  test('is refused with the names there are', () => {
    const refused = (): unknown => {
      try {
        return servicesOption('postgres,mysql', '/nowhere');
      } catch (error) {
        return error;
      }
    };
    expect(refused()).toMatchObject({
      report: {
        code: 'UNKNOWN_SERVICE',
        summary: 'There is no service "mysql".',
        evidence: ['given in the option --services', 'services: postgres, object-store, redis'],
      },
    });
  });
});

describe('the body of an executor', () => {
  test('says whether it succeeded', async () => {
    expect(await run(() => Promise.resolve(true))).toEqual({ success: true });
    expect(await run(() => Promise.resolve(false))).toEqual({ success: false });
  });

  test('throws on what is no failure of a service: that is a bug, and its stack is wanted', async () => {
    await expect(run(() => Promise.reject(new TypeError('x is undefined')))).rejects.toThrow(TypeError);
    expect(ServiceFailure.prototype).toBeInstanceOf(Error);
  });
});
