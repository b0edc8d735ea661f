import { hostname } from 'node:os';
import { Scratch } from '../testing/scratch.js';
import { thisMachine } from './this-machine.js';

const onLinux = process.platform === 'linux' ? test : test.skip; // eslint-disable-line no-restricted-syntax -- /etc/machine-id is Linux's

onLinux('two machines of the same name are told apart by their id', () => {
  using scratch = new Scratch();
  scratch.write('one/etc/machine-id', 'a1\n');
  scratch.write('other/etc/machine-id', 'b2\n');
  const [one, other] = ['one', 'other'].map((name) => thisMachine(`${scratch.path(name)}/`));
  expect(one).toMatch(/ a1 pid:\[\d+\]$/);
  expect(one).not.toBe(other);
});

test('a machine is always the same, and has its name at least', () => {
  using scratch = new Scratch();
  expect(thisMachine()).toBe(thisMachine());
  expect(thisMachine(scratch.path('none/')).split(' ')[0]).toBe(hostname());
});
