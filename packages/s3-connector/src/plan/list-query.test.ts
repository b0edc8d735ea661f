import fc from 'fast-check';
import { listQuery } from './list-query.js';

test('the parameters are sorted by name, as the signature needs them', () => {
  expect(listQuery({ prefix: 'a/b', maxKeys: 1000, continuationToken: 't' })).toBe(
    'continuation-token=t&encoding-type=url&list-type=2&max-keys=1000&prefix=a%2Fb',
  );
  expect(listQuery({ prefix: '', maxKeys: 1 })).toBe('encoding-type=url&list-type=2&max-keys=1&prefix=');
});

test('any prefix and token come back from the query as they were', () => {
  const text = fc.string({ unit: 'grapheme' });
  fc.assert(
    fc.property(text, text, (prefix, continuationToken) => {
      const query = listQuery({ prefix, maxKeys: 1, continuationToken });
      expect(query).toMatch(/^[\w.~%=&-]*$/);
      const parsed = new URLSearchParams(query);
      expect(parsed.get('prefix')).toBe(prefix);
      expect(parsed.get('continuation-token')).toBe(continuationToken);
    }),
  );
});
