import { goal, goalLine } from './goals.js';

describe('a goal', () => {
  test('is met by a figure that is just at its limit', () => {
    expect(goal('start', { value: 100, unit: 'ms' }, { atMost: 100 })).toEqual({
      what: 'start',
      value: 100,
      unit: 'ms',
      atMost: 100,
      met: true,
    });
    expect(goal('speed', { value: 3, unit: 'times' }, { atLeast: 3 }).met).toBe(true);
  });

  test('is missed by one beyond it', () => {
    expect(goal('start', { value: 100.1, unit: 'ms' }, { atMost: 100 }).met).toBe(false);
    expect(goal('speed', { value: 2.9, unit: 'times' }, { atLeast: 3 }).met).toBe(false);
  });

  test('says in its line what was reached and what was wanted', () => {
    expect(goalLine(goal('start', { value: 81.25, unit: 'ms' }, { atMost: 100 }))).toBe(
      'met     start: 81.3 ms, goal at most 100 ms',
    );
    expect(goalLine(goal('speed', { value: 2.5, unit: 'times' }, { atLeast: 3 }))).toBe(
      'MISSED  speed: 2.50 times, goal at least 3 times',
    );
  });
});
