import { z } from 'zod';
import { ConnectorError } from './connector-error.js';
import { parseOptions } from './option-error.js';
import { certificates, flag, hostName, retryLimits, secret, text, wholeNumber } from './option-schemas.js';
import { Secret } from './secret.js';

const schema = z.strictObject(
  {
    host: hostName().optional(),
    name: text().optional(),
    rows: wholeNumber(1, 1000).default(10),
    isOrdered: flag().default(false),
    password: secret().optional(),
    authority: certificates().optional(),
    retry: retryLimits(),
  },
  { error: 'must be an object' },
);

function refusalOf(given: unknown): string {
  try {
    parseOptions(schema, given);
  } catch (error) {
    expect(error).toBeInstanceOf(ConnectorError);
    expect(error).toMatchObject({ code: 'invalid-option', kind: 'terminal', effect: 'none' });
    return (error as Error).message;
  }
  throw new Error('the options were accepted');
}

test('what is left out has its default, also within an object', () => {
  const retry = { maxAttempts: 3, initialDelayMs: 100, maxDelayMs: 5_000 };
  expect(parseOptions(schema, {})).toEqual({ rows: 10, isOrdered: false, retry });
  expect(parseOptions(schema, { retry: { maxAttempts: 1 } }).retry).toEqual({ ...retry, maxAttempts: 1 });
});

test('a secret is given as text or Secret', () => {
  for (const password of ['hunter2', new Secret('hunter2')]) {
    expect(parseOptions(schema, { password }).password?.reveal()).toBe('hunter2');
  }
});

test.each(['localhost', '127.0.0.1', '::1', 's3.eu-west-1.amazonaws.com'])('%s is a host', (host) => {
  expect(parseOptions(schema, { host })).toMatchObject({ host });
});

test.each([
  [{ rows: 0 }, 'rows is 0; it must be a whole number from 1 to 1000'],
  [{ rows: '7' }, 'rows is "7"; it must be a whole number from 1 to 1000'],
  [{ rows: 1.5 }, 'rows is 1.5; it must be a whole number from 1 to 1000'],
  [{ rows: NaN }, 'rows is NaN; it must be a whole number from 1 to 1000'],
  [{ isOrdered: 'false' }, 'isOrdered is "false"; it must be true or false'],
  [{ name: '' }, 'name is ""; it must be a text of at least 1 character'],
  [{ host: '[::1]' }, 'host is "[::1]"; it must be a host name or address'],
  [{ host: 'http://localhost:9000' }, 'host is "http://localhost:9000"; it must be a host name or address'],
  [{ retry: 3 }, 'retry is 3; it must be an object { maxAttempts, initialDelayMs, maxDelayMs }'],
  [{ retry: { maxAttempts: 21 } }, 'retry.maxAttempts is 21; it must be a whole number from 1 to 20'],
  [
    { retry: { maxDelayMs: 99 } },
    'retry.maxDelayMs is 99; it must not be less than initialDelayMs, which is 100',
  ],
  [{ password: 42_424_242 }, 'password is ***; it must be a text of at least 1 character or a Secret'],
  [{ password: '' }, 'password is ***; it must be a text of at least 1 character or a Secret'],
  // It may be a key.
  [
    { authority: '-----BEGIN PRIVATE KEY-----' },
    'authority is ***; it must be a text of certificates in PEM',
  ],
  [{ pasword: 'hunter2' }, 'there is no option "pasword"'],
  [{ retry: { attempts: 3 } }, 'there is no option "attempts" in retry'],
  [{ name: 7, rows: 0 }, 'name is 7; it must be a text of at least 1 character; rows is 0; it must be'],
  [undefined, 'options is missing; it must be an object'],
  [null, 'options is null; it must be an object'],
])('%j is refused by name, value and range', (given, message) => {
  expect(refusalOf(given)).toContain(`[invalid-option] ${message}`);
});

test('a long text is shown in part', () => {
  expect(refusalOf({ host: '/'.repeat(81) })).toContain(`host is "${'/'.repeat(80)}…"; it must be`);
});
