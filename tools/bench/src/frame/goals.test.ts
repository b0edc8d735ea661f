import { goal, goalLine } from './goals.js';

describe('a goal', () => {
  test('is met by a figure that is just at its limit', () => {
    expect(goal('start', { value: 100 }, { atMost: 100 })).toEqual({
      what: 'start',
      value: 100,
      atMost: 100,
      met: true,
    });
    expect(goal('speed', { ratio: 3 }, { atLeast: 3 }).met).toBe(true);
  });

  test('is missed by one beyond it', () => {
    expect(goal('start', { value: 100.1 }, { atMost: 100 }).met).toBe(false);
    expect(goal('speed', { ratio: 2.9 }, { atLeast: 3 }).met).toBe(false);
  });

  test('says in its line what was reached and what was wanted', () => {
    expect(goalLine(goal('start', { value: 81.25 }, { atMost: 100 }))).toBe(
      'met     start: 81.3 ms, goal at most 100 ms',
    );
    expect(goalLine(goal('speed', { ratio: 2.5 }, { atLeast: 3 }))).toBe(
      'MISSED  speed: 2.5 times, goal at least 3 times',
    );
  });
});
