import { Scratch } from '../testing/scratch.js';
import { findProgram, isExecutable } from './find-program.js';

describe('looking for a program', () => {
  test('takes the first folder that has it', () => {
    using scratch = new Scratch();
    const [first, second] = [scratch.writeProgram('a/tool', ''), scratch.writeProgram('b/tool', '')];
    expect(findProgram('tool', [scratch.path('absent'), scratch.path('a'), scratch.path('b')])).toBe(first);
    expect(findProgram('tool', [scratch.path('b'), scratch.path('a')])).toBe(second);
    expect(findProgram('other', [scratch.path('a')])).toBeUndefined();
    expect(findProgram('tool', [])).toBeUndefined();
  });

  test('passes over a file that cannot be run, and a folder of the same name', () => {
    using scratch = new Scratch();
    scratch.write('a/tool', 'not a program');
    scratch.makeFolder('b/tool');
    const real = scratch.writeProgram('c/tool', '');
    expect(
      findProgram(
        'tool',
        ['a', 'b', 'c'].map((name) => scratch.path(name)),
      ),
    ).toBe(real);
    expect(isExecutable(scratch.path('b/tool'))).toBe(false);
  });
});
