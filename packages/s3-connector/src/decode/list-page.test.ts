import fc from 'fast-check';
import { decodeRefusal } from './error-document.js';
import { decodeListPage } from './list-page.js';

const contents = (key: string, size = '3'): string =>
  `<Contents><Key>${key}</Key><LastModified>2026-11-22T11:34:43.437Z</LastModified>` +
  `<ETag>&quot;9e94b15e&quot;</ETag><Size>${size}</Size><StorageClass>STANDARD</StorageClass></Contents>`;

const page = (
  body: string,
  { truncated = 'false', encoding = '<EncodingType>url</EncodingType>' } = {},
): string =>
  `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">` +
  `${encoding}<IsTruncated>${truncated}</IsTruncated>${body}</ListBucketResult>`;

describe('decodeListPage', () => {
  test('reads objects in order, with the text of numbers left alone', () => {
    const keys = [
      '007',
      '1.10',
      '0x10',
      'true',
      'a%20b',
      'a+b',
      'a%2Bb',
      '%2541',
      '%01',
      'l%0Ab',
      '%F0%9D%84%9E',
    ];
    const { objects, continuationToken } = decodeListPage(page(keys.map((key) => contents(key)).join('')));
    expect(objects.map(({ key }) => key)).toEqual([
      '007',
      '1.10',
      '0x10',
      'true',
      'a b',
      'a b',
      'a+b',
      '%41',
      '\u0001',
      'l\nb',
      '𝄞',
    ]);
    expect(objects[0]).toEqual({
      key: '007',
      sizeBytes: 3,
      etag: '9e94b15e',
      lastModified: '2026-11-22T11:34:43.437Z',
    });
    expect(continuationToken).toBeUndefined();
  });

  test('an empty bucket has no objects', () => {
    expect(decodeListPage(page(''))).toEqual({ objects: [] });
  });

  test('a truncated page says how to go on', () => {
    const token = '<NextContinuationToken>a&amp;b c</NextContinuationToken>';
    expect(decodeListPage(page(token, { truncated: 'true' })).continuationToken).toBe('a&b c');
  });

  test('a truncated page that does not say how to go on is refused, since the rest would be lost', () => {
    expect(() => decodeListPage(page('', { truncated: 'true' }))).toThrow('without <NextContinuationToken>');
  });

  test('keys are taken as they are from a store that does not escape them', () => {
    const { objects } = decodeListPage(page(contents('100%25+1'), { encoding: '' }));
    expect(objects[0]?.key).toBe('100%25+1');
  });

  test('any key comes back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (key) => {
        expect(decodeListPage(page(contents(encodeURIComponent(key)))).objects[0]?.key).toBe(key);
      }),
    );
  });

  test.each([
    ['a key that is not UTF-8', page(contents('%FF')), 'URL-encoded UTF-8'],
    ['a size that is none', page(contents('a', '')), 'no size'],
    ['a negative size', page(contents('a', '-1')), 'no size'],
    ['an object without a key', page('<Contents><Size>1</Size></Contents>'), 'without <Key>'],
    ['another document', '<ListAllMyBucketsResult/>', 'in place of <ListBucketResult>'],
    ['a web page', '<!doctype html><html></html>', 'no XML'],
    ['half a page', page(contents('a')).slice(0, -'</ListBucketResult>'.length), 'it ends inside'],
  ])('%s is a protocol violation', (_name, document, message) => {
    const decode = (): unknown => decodeListPage(document);
    expect(decode).toThrow(message);
    expect(decode).toThrow('[protocol-violation]');
  });
});

describe('decodeRefusal', () => {
  test('reads the code and the sentence of an error document', () => {
    const document =
      '<?xml version="1.0"?><Error><Code>NoSuchBucket</Code><Message>No &lt;it&gt;</Message></Error>';
    expect(decodeRefusal(404, document)).toEqual({ status: 404, code: 'NoSuchBucket', message: 'No <it>' });
  });

  test.each(['', '<html><body>Bad Gateway', '<html/>', '{"error":1}'])('finds no code in %j', (document) => {
    expect(decodeRefusal(502, document)).toEqual({ status: 502 });
  });
});
