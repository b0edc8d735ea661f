import { format, inspect } from 'node:util';
import { Secret } from './secret.js';

const secret = new Secret('hunter2');

test('only reveal gives the text', () => {
  expect(secret.reveal()).toBe('hunter2');
});

test.each([
  ['a template', `the password is ${String(secret)}`],
  ['JSON', JSON.stringify({ nested: [secret] })],
  ['inspect', inspect({ secret }, { depth: 5, showHidden: true })],
  ['format', format('%s %o %j', secret, secret, secret)],
  ['the message of an error', new Error(`refused ${String(secret)}`).message],
  ['its properties', JSON.stringify(Object.getOwnPropertyDescriptors(secret))],
  ['a copy', JSON.stringify(Object.assign({}, secret))],
])('%s does not show it', (_where, shown) => {
  expect(shown).not.toContain('hunter2');
});

test('of makes a secret of a text and leaves a secret as it is', () => {
  expect(Secret.of('a').reveal()).toBe('a');
  expect(Secret.of(secret)).toBe(secret);
});
