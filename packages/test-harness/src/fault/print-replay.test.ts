import { jest } from '@jest/globals';
import { type TestEnds, testEndsKey } from '../test-end.js';
import { printReplayOnFailure } from './print-replay.js';

const done = [{ did: 'reset' }];

/** Ends a test in which a link was used. @returns what was printed. */
async function printedAfter(
  link: { schedule: readonly unknown[]; isClosed: boolean },
  failed: boolean,
  ends: TestEnds = { isInTest: true, ofTest: new Set(), ofEach: new Set() },
): Promise<string> {
  const global = globalThis as { [testEndsKey]?: TestEnds };
  const before = global[testEndsKey];
  const write = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    global[testEndsKey] = ends;
    printReplayOnFailure({ ...link, replayLine: '{"seed":7}' });
    for (const callback of [...ends.ofTest, ...ends.ofEach])
      await callback({ testName: 'a shop opens', failed });
    return write.mock.calls.map(([text]) => String(text)).join('');
  } finally {
    write.mockRestore();
    if (before === undefined) Reflect.deleteProperty(global, testEndsKey);
    else global[testEndsKey] = before;
  }
}

test('a test that fails is followed by the line that replays its link, also if that is closed', async () => {
  const line = `toxicLink in "a shop opens": to make the same cuts, toxicLink(endpoint, { replay: '{"seed":7}' })\n`;
  expect(await printedAfter({ schedule: done, isClosed: true }, true)).toBe(line);
  expect(await printedAfter({ schedule: done, isClosed: false }, true)).toBe(line);
});

test('nothing is printed for a test that passes, nor for a link that did nothing', async () => {
  expect(await printedAfter({ schedule: done, isClosed: true }, false)).toBe('');
  expect(await printedAfter({ schedule: [], isClosed: true }, true)).toBe('');
});

test('a link for many tests is forgotten when it is closed, and not before', async () => {
  const ends = { isInTest: false, ofTest: new Set<never>(), ofEach: new Set<never>() };
  await printedAfter({ schedule: done, isClosed: false }, false, ends);
  expect(ends.ofEach.size).toBe(1);
  ends.ofEach.clear();
  await printedAfter({ schedule: done, isClosed: true }, false, ends);
  expect(ends.ofEach.size).toBe(0);
});
