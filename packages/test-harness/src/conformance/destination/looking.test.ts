import { whileLooking } from './looking.js';

/** Resolves when other work has had its turn. */
const turn = () => new Promise<void>((resolve) => void setImmediate(resolve));

describe('looking while something is done', () => {
  test('sees a state that is there for one look, and the last one', async () => {
    let state = 'before';
    const seen = new Set<string>();
    const look = async () => {
      await turn();
      seen.add(state);
    };
    const done = await whileLooking(look, async (lookNow) => {
      state = 'between';
      await lookNow();
      state = 'after';
      return 'done';
    });
    expect(done).toBe('done');
    expect(seen).toEqual(new Set(['between', 'after']));
  });

  test('throws what a look throws, though the work is well', async () => {
    let looks = 0;
    const look = async () => {
      await turn();
      if (++looks === 2) throw new Error('half of it');
    };
    await expect(whileLooking(look, (lookNow) => lookNow().then(lookNow, turn))).rejects.toThrow(
      'half of it',
    );
  });

  test('throws what the work throws, when no look is under way any more', async () => {
    let underWay = 0;
    const look = async () => {
      underWay += 1;
      await turn();
      underWay -= 1;
    };
    const failing = whileLooking(look, async (lookNow) => {
      await lookNow();
      throw new Error('not written');
    });
    await expect(failing).rejects.toThrow('not written');
    expect(underWay).toBe(0);
  });
});
