import type { Summary } from '../frame/statistics.js';
import { speedGoal } from './speed-goal.js';

const took = (median: number): Summary => ({ unit: 'ms', median, min: median, max: median });

test('a goal of speed is held against the fastest of the others', () => {
  expect(speedGoal('ours', took(10), [took(40), undefined, took(25)], 2)).toEqual([
    { what: 'ours', value: 2.5, unit: 'times', atLeast: 2, met: true },
  ]);
  expect(speedGoal('ours', took(10), [took(15)], 2)).toMatchObject([{ value: 1.5, met: false }]);
});

test('what was not measured has no goal', () => {
  expect(speedGoal('ours', undefined, [took(1)], 2)).toEqual([]);
  expect(speedGoal('ours', took(1), [undefined], 2)).toEqual([]);
});
