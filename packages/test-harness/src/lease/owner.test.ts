import fc from 'fast-check';
import { leasePrefix, newLeaseName, type Owner, ownerOf, type Separator } from './owner.js';

const owners: fc.Arbitrary<Owner> = fc.record({
  place: fc.stringMatching(/^[0-9a-f]{10}$/),
  pid: fc.integer({ min: 1, max: 4_194_304 }),
  startedAt: fc.stringMatching(/^[0-9a-z]{1,12}$/),
});
const separators = fc.constantFrom<Separator[]>('_', '-', ':');

describe('the name of a lease', () => {
  test('gives its owner back', () => {
    fc.assert(
      fc.property(owners, separators, (owner, separator) => {
        expect(ownerOf(newLeaseName(owner, separator))).toEqual(owner);
      }),
    );
  });

  test('fits into the 63 bytes of a database and of a bucket, with no character that needs quoting', () => {
    fc.assert(
      fc.property(owners, separators, (owner, separator) => {
        expect(newLeaseName(owner, separator)).toMatch(new RegExp(`^[0-9a-z${separator}]{20,63}$`));
      }),
    );
  });

  test('differs from the last one of the same owner', () => {
    const owner = { place: '0123456789', pid: 1, startedAt: 'z' };
    expect(new Set(Array.from({ length: 1_000 }, () => newLeaseName(owner, '_'))).size).toBe(1_000);
  });

  test('begins with the prefix of its place', () => {
    const name = newLeaseName({ place: '0123456789', pid: 77, startedAt: 'abc' }, '-');
    expect(name.startsWith(leasePrefix('0123456789', '-'))).toBe(true);
  });

  test.each([
    'test',
    'test_db',
    'test_1',
    'testing_0123456789_2t_abc_0123456789',
    'test_0123456789_2t_abc',
    'test_0123456789_2t_abc_0123456789_copy',
    'test_0123456789-2t-abc-0123456789',
    'test_0123456789_2t_ABC_0123456789',
    'my_test_0123456789_2t_abc_0123456789',
    'test_0123456789_2t_abc_0123456789\n',
  ])('that another gave has no owner: %j', (name) => {
    expect(ownerOf(name)).toBeUndefined();
  });
});
