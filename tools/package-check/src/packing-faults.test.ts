import { packingFaults } from './packing-faults.js';

const sound = ['LICENSE', 'README.md', 'package.json', 'dist/index.js', 'dist/index.d.ts', 'src/index.ts'];

describe('a tarball', () => {
  test('is sound with licence, README, build and its sources', () => {
    expect(packingFaults([...sound, 'dist/index.js.map', 'assets/setup.py', 'jest-preset.mjs'])).toEqual([]);
  });

  test.each(['LICENSE', 'README.md', 'dist/index.js', 'dist/index.d.ts'])('must have %s', (file) => {
    expect(packingFaults(sound.filter((each) => each !== file))).toContain(`${file} is missing`);
  });

  test.each([
    'src/retry.test.ts',
    'test/integration/a.ts',
    'dist/tsconfig.lib.tsbuildinfo',
    'tsconfig.json',
    'jest.config.mjs',
    'coverage/lcov.info',
  ])('must not have %s', (file) => {
    expect(packingFaults([...sound, file])).toEqual([`${file} must not be published`]);
  });

  test.each(['dist/old.js', 'dist/plan/old.d.ts', 'dist/old.js.map'])(
    'must not have %s of an old build',
    (file) => {
      expect(packingFaults([...sound, file])).toEqual([`${file} has no source; remove dist and build again`]);
    },
  );
});
