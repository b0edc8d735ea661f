import * as fc from 'fast-check';
import { chunkLengths, cut } from '../../../test/protocol/scan.js';
import type { Instruction } from '../inspector.js';
import type { Feed } from '../protocol/feed.js';
import { type Grammar, Unreadable } from '../protocol/piece.js';
import { Scanner } from '../protocol/scanner.js';
import { Passage, type Verdict } from './passage.js';

/** A message: one byte that says how many follow; 255 is none. */
function* counted(feed: Feed): Grammar<number> {
  for (;;) {
    const [length = 0] = yield* feed.take(1);
    if (length === 255) throw new Unreadable('255');
    yield feed.head(length);
    yield* feed.pass(length);
    yield { is: 'end' };
  }
}

const input = Buffer.from([1, 10, 4, 11, 12, 13, 14, 0, 2, 15, 16]);

interface Result {
  readonly passed: number[];
  readonly done: string[];
  readonly at: number[];
  readonly missed: number;
}

/** Applies a verdict to messages of one length. */
function run(length: number, verdict: Verdict, bytes: Uint8Array = input, lengths = [100]): Result {
  const passed: number[] = [];
  const done: string[] = [];
  const at: number[] = [];
  let missed = 0;
  const told: Verdict = {
    ...verdict,
    onDone: (byte) => at.push(byte),
    onMissed: () => missed++,
  };
  const passage = new Passage(
    new Scanner(counted),
    (message) => (message === length ? told : undefined),
    () => done.push('unreadable'),
  );
  const carryOut = (instructions: readonly Instruction[]) => {
    for (const instruction of instructions) {
      if (instruction.do === 'forward') passed.push(...instruction.bytes);
      else done.push(instruction.do);
    }
  };
  for (const chunk of cut(bytes, lengths)) carryOut(passage.push(chunk));
  carryOut(passage.end());
  return { passed, done, at, missed };
}

const end: Instruction[] = [{ do: 'close' }];
const after = () => end;

describe('of one direction', () => {
  test.each<[string, Verdict, Partial<Result>]>([
    ['all passes', {}, { passed: [...input], done: [] }],
    ['a message is swallowed', { passes: 'none' }, { passed: [1, 10, 0, 2, 15, 16], done: [], at: [7] }],
    [
      'the connection ends before a message',
      { before: end, passes: 'none' },
      { passed: [1, 10], done: ['close'], at: [2] },
    ],
    [
      'the connection ends after a message',
      { after },
      { passed: [1, 10, 4, 11, 12, 13, 14], done: ['close'], at: [7] },
    ],
    [
      'the last bytes are held',
      { passes: { allButLast: 2 }, after },
      { passed: [1, 10, 4, 11, 12], done: ['close'], at: [5] },
    ],
    [
      'all is held of what is shorter',
      { passes: { allButLast: 9 }, after },
      { passed: [1, 10], done: ['close'], at: [2] },
    ],
    [
      'a body is truncated',
      { passes: { bodyBytes: 3 }, after },
      { passed: [1, 10, 4, 11, 12, 13], done: ['close'], at: [6], missed: 0 },
    ],
    [
      'no byte of a body passes',
      { passes: { bodyBytes: 0 }, after },
      { passed: [1, 10, 4], done: ['close'], at: [3] },
    ],
    [
      'a body that is not longer passes',
      { passes: { bodyBytes: 4 }, after },
      { passed: [...input], done: [], at: [], missed: 1 },
    ],
    [
      'a message is replaced',
      {
        before: [{ do: 'forward', bytes: Buffer.from([7]) }],
        passes: 'none',
        after: () => [{ do: 'answer', bytes: input }],
      },
      { passed: [1, 10, 7, 0, 2, 15, 16], done: ['answer'], at: [2] },
    ],
  ])('%s, however it is chunked', (_, verdict, expected) => {
    fc.assert(
      fc.property(chunkLengths, (lengths) => {
        expect(run(4, verdict, input, lengths)).toMatchObject(expected);
      }),
    );
  });

  test('what was held passes when the sender ends in the middle', () => {
    const broken = input.subarray(0, 5);
    const { passed, done, at } = run(4, { passes: { allButLast: 2 }, after }, broken, [1]);
    expect({ passed, done, at }).toEqual({ passed: [...broken], done: [], at: [] });
  });

  test('all passes from where it cannot be read', () => {
    const bytes = Buffer.from([1, 10, 255, 4, 11, 12, 13, 14]);
    const { passed, done } = run(4, { before: end, passes: 'none' }, bytes, [1]);
    expect({ passed, done }).toEqual({ passed: [...bytes], done: ['unreadable'] });
  });

  test('bytes side by side are forwarded at once', () => {
    const passage = new Passage(
      new Scanner(counted),
      () => undefined,
      () => undefined,
    );
    expect(passage.push(input)).toEqual([{ do: 'forward', bytes: new Uint8Array(input) }]);
  });

  test('what was held passes before the next bytes after a release', () => {
    const passage = new Passage(
      new Scanner(counted),
      () => ({ passes: { allButLast: 2 }, after }),
      () => undefined,
    );
    expect(passage.push(input.subarray(2, 5))).toEqual([{ do: 'forward', bytes: input.subarray(2, 3) }]);
    passage.release();
    expect(passage.isOpen).toBe(false);
    const bytes = passage
      .push(Buffer.from([9]))
      .flatMap((each) => (each.do === 'forward' ? [...each.bytes] : []));
    expect(bytes).toEqual([11, 12, 9]);
    expect(passage.isOpen).toBe(true);
  });
});
