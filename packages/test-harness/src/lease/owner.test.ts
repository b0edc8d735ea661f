import fc from 'fast-check';
import { isKeptName, newLeaseName, type Owner, readLeaseName, type Separator } from './owner.js';

const owners: fc.Arbitrary<Owner> = fc.record({
  place: fc.stringMatching(/^[0-9a-f]{10}$/),
  pid: fc.integer({ min: 1, max: 4_194_304 }),
  startedAt: fc.stringMatching(/^[0-9a-z]{1,12}$/),
});
const separators = fc.constantFrom<Separator[]>('_', '-', ':');

/** Until the year 2100, in seconds. */
const times = fc.integer({ min: 1, max: 4_102_444_800 });

describe('the name of a lease', () => {
  test('gives its owner and its age back', () => {
    fc.assert(
      fc.property(owners, separators, times, (owner, separator, seconds) => {
        expect(readLeaseName(newLeaseName(owner, separator, seconds * 1_000 + 999))).toEqual({
          owner,
          createdAtMs: seconds * 1_000,
        });
      }),
    );
  });

  test('fits into the 63 bytes of a database and of a bucket, with no character that needs quoting', () => {
    fc.assert(
      fc.property(owners, separators, times, (owner, separator, seconds) => {
        expect(newLeaseName(owner, separator, seconds * 1_000)).toMatch(
          new RegExp(`^[0-9a-z${separator}]{20,58}$`),
        );
      }),
    );
  });

  test('differs from the last one of the same owner', () => {
    const owner = { place: '0123456789', pid: 1, startedAt: 'z' };
    expect(new Set(Array.from({ length: 1_000 }, () => newLeaseName(owner, '_', 0))).size).toBe(1_000);
  });

  test('that is to be kept has no owner to a sweep, and is known again', () => {
    const kept = newLeaseName({ place: '0123456789', pid: 77, startedAt: 'abc' }, '-', 7_000, true);
    expect([readLeaseName(kept), isKeptName(kept)]).toEqual([undefined, true]);
    expect(isKeptName('kept-orders')).toBe(false);
  });

  test.each([
    'test',
    'test_db',
    'test_1',
    'testing_0123456789_2t_abc_sa_0123456789',
    'test_0123456789_2t_abc_0123456789',
    'test_0123456789_2t_abc_sa_0123456789_copy',
    'test_0123456789-2t-abc-sa-0123456789',
    'test_0123456789_2t_ABC_sa_0123456789',
    'my_test_0123456789_2t_abc_sa_0123456789',
    'test_0123456789_2t_abc_sa_0123456789\n',
    'test_template_0123456789abcdef0123',
  ])('that another gave has no owner: %j', (name) => {
    expect(readLeaseName(name)).toBeUndefined();
  });
});
