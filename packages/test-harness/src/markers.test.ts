import { tagged, withMarkers } from './markers.js';

/** What Jest's -t makes of `@smoke`. */
const chosen = (title: string): boolean => /@smoke/i.test(title);

describe('a title with markers', () => {
  test('ends with them, in their order', () => {
    expect(withMarkers('reads', ['postgres', 'smoke'])).toBe('reads @postgres @smoke');
    expect(withMarkers('reads', [])).toBe('reads');
  });

  test('is chosen by them', () => {
    expect(chosen(withMarkers('reads', ['smoke']))).toBe(true);
    expect(chosen(withMarkers('reads', ['slow']))).toBe(false);
  });

  test.each(['Smoke', 'a b', '', '@smoke', '1st', 'a(b'])('refuses the word %j', (word) => {
    expect(() => withMarkers('reads', [word])).toThrow(
      /^\[invalid-option\] the tag is .*small letters, digits/,
    );
  });
});

describe('a tagged test', () => {
  let ran = false;
  tagged('smoke', 'fault')('runs, and carries its tags in its name', () => {
    ran = true;
    expect(expect.getState().currentTestName).toMatch(/in its name @smoke @fault$/);
  });

  test('is a test of Jest', () => {
    expect(ran).toBe(true);
  });
});
