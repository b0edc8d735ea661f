import { checkLeaseOptions, type LeaseOptions } from './lease-options.js';
import type { DatabaseLeaseOptions } from './database.js';

const check = (given: object) => checkLeaseOptions<DatabaseLeaseOptions>(given, ['template', 'signal']);

describe('the options of a lease', () => {
  test('may all be left out', () => {
    expect(check({})).toEqual({});
    expect(check({ template: undefined, signal: undefined })).toEqual({
      template: undefined,
      signal: undefined,
    });
  });

  test('are passed on', () => {
    const given = { template: 'orders', signal: new AbortController().signal };
    expect(check(given)).toBe(given);
  });

  test('that do not exist are refused by name', () => {
    expect(() => check({ templat: 'orders' })).toThrow(
      '[invalid-option] there is no option templat; there is template, signal',
    );
  });

  test('of another kind of lease are refused', () => {
    expect(() => checkLeaseOptions<LeaseOptions>({ template: 'orders' } as LeaseOptions, ['signal'])).toThrow(
      '[invalid-option] there is no option template; there is signal',
    );
  });

  test.each([[''], [7], ['é'.repeat(32)], [null]])('template cannot be %j', (template) => {
    expect(() => check({ template })).toThrow(
      /^\[invalid-option\] template is .*; it must be the name of a database/,
    );
  });

  test('signal must be one', () => {
    expect(() => check({ signal: 'stop' })).toThrow(
      '[invalid-option] signal is "stop"; it must be an AbortSignal',
    );
  });
});
