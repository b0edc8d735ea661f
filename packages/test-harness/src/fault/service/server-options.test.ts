import { checkServerOptions, type PrivateServerOptions } from './server-options.js';

test('the options of a private server are taken as they are, and another one is refused by name', () => {
  const given: PrivateServerOptions = { dataBytes: 2 ** 26, maxConnections: 10 };
  expect(checkServerOptions(given)).toBe(given);
  const mistaken: object = { maxConnection: 10 };
  expect(() => checkServerOptions(mistaken)).toThrow(
    '[invalid-option] there is no option maxConnection; there is dataBytes, maxConnections, signal',
  );
});
