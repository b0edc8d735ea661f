import { resolveSourceOptions, type PostgresSourceOptions } from '../options.js';

const needed = { database: 'd', user: 'u' };
const pem = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';

function tlsOf(options: PostgresSourceOptions) {
  return resolveSourceOptions({ ...needed, ...options }).tls;
}

test.each(['localhost', '127.0.0.1', '127.255.0.9', '::1', '/var/run/postgresql'])(
  'nothing is encrypted to %s unless it is asked for',
  (host) => {
    expect(tlsOf({ host })).toEqual({ mode: 'disable' });
  },
);

test.each([
  'db.example',
  '10.0.0.1',
  'localhost.example',
  '127.0.0.1.example',
  '::2',
  '128.0.0.1',
  '::ffff:1.2.3.4',
])('to %s all is encrypted and checked unless something else is asked for', (host) => {
  expect(tlsOf({ host })).toEqual({ mode: 'verify-full' });
  expect(tlsOf({ host, tls: 'disable' })).toEqual({ mode: 'disable' });
});

test('a mode can be given alone or with what it takes; the mode of an object is verify-full', () => {
  expect(tlsOf({ host: 'h', tls: 'require' })).toEqual({ mode: 'require' });
  expect(tlsOf({ host: 'localhost', tls: { ca: pem } })).toEqual({ mode: 'verify-full', ca: pem });
  expect(tlsOf({ host: 'h', tls: { mode: 'verify-ca', ca: pem } })).toEqual({ mode: 'verify-ca', ca: pem });
});

test.each<[unknown, string]>([
  [
    'prefer',
    `option "tls.mode" is "prefer"; it must be one of 'disable', 'require', 'verify-ca', 'verify-full'`,
  ],
  [true, `option "tls" is true; it must be one of 'disable'`],
  [{ mode: 'verify-ca' }, 'option "tls.ca" is missing; it must be given for verify-ca'],
  [{ mode: 'require', ca: pem }, 'option "tls.ca" is of type string; it must be left out for require'],
  [{ mode: 'disable', ca: pem }, 'it must be left out for disable'],
  [
    { mode: 'verify-ca', ca: pem, serverName: 'x' },
    'it must be left out for verify-ca, which checks no name',
  ],
  [{ cert: pem }, 'option "tls.key" is missing; it must be given, since cert is'],
  [{ key: pem }, 'option "tls.cert" is missing; it must be given, since key is'],
  [{ mode: 'disable', cert: pem, key: pem }, 'option "tls.cert" is of type string; it must be left out'],
  [{ ca: '/etc/ca.pem' }, 'it must be the text of certificates in PEM, not the name of a file'],
])('%j is refused', (tls, message) => {
  expect(() => tlsOf({ host: 'db.example', tls: tls as 'disable' })).toThrow(message);
});

test('no TLS is spoken over a Unix socket', () => {
  expect(() => tlsOf({ host: '/tmp', tls: 'verify-full' })).toThrow("it must be 'disable' for a Unix socket");
});
