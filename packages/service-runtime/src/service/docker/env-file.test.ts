import { readEnvFile } from './env-file.js';

test.each([
  ['A=1', { A: '1' }],
  ['A=1\r\nB=2\r\n', { A: '1', B: '2' }],
  ['# A=1\n\n  export B = two words  # and a comment', { B: 'two words' }],
  ['A=a#b', { A: 'a#b' }],
  ['A=\nB=""', { A: '', B: '' }],
  ['A=x=y', { A: 'x=y' }],
  [`A='$B \\n # no' # yes`, { A: '$B \\n # no' }],
  ['A="one\\ntwo \\"x\\" \\$B" # yes', { A: 'one\ntwo "x" $B' }],
  ['A="one\ntwo"\nB=3', { A: 'one\ntwo', B: '3' }],
  ['A=1\nB=${A}2\nC="$B-${NONE:-3}"', { A: '1', B: '12', C: '12-3' }],
  ['A=$HOME', { A: '/home' }],
  ['HOME=/other\nA=$HOME', { HOME: '/other', A: '/home' }],
  ['A=pa$$word\nB=pa$ word', { A: 'pa$word', B: 'pa$ word' }],
  ['no assignment\n1A=2\nB=3', { B: '3' }],
])('%j says %j', (text, expected) => {
  expect(readEnvFile(text, { HOME: '/home' })).toEqual(expected);
});
