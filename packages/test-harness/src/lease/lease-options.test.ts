import { checkLeaseOptions, type LeaseOptions } from './lease-options.js';
import type { DatabaseLeaseOptions } from './database.js';
import { defineTemplate } from './template.js';

const check = (given: object) =>
  checkLeaseOptions<DatabaseLeaseOptions>(given, ['template', 'signal', 'leaks']);

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
      '[invalid-option] there is no option templat; there is template, signal, leaks',
    );
  });

  test('of another kind of lease are refused', () => {
    expect(() => checkLeaseOptions<LeaseOptions>({ template: 'orders' } as LeaseOptions, ['signal'])).toThrow(
      '[invalid-option] there is no option template; there is signal',
    );
  });

  test.each([[''], [7], ['é'.repeat(32)], [null]])('template cannot be %j', (template) => {
    expect(() => check({ template })).toThrow(
      /^\[invalid-option\] template is .*; it must be what defineTemplate has made, or the name/,
    );
  });

  test('a template may be one that was defined', () => {
    const template = defineTemplate({ name: 'shop', files: ['schema.sql'] });
    expect(check({ template })).toEqual({ template });
  });

  test.each([['no'], [false], ['Ignore']])('leaks cannot be %j', (leaks) => {
    expect(() => check({ leaks })).toThrow(/leaks is .*; it must be 'fail' or 'ignore'/);
  });

  test('signal must be one', () => {
    expect(() => check({ signal: 'stop' })).toThrow(
      '[invalid-option] signal is "stop"; it must be an AbortSignal',
    );
  });
});
