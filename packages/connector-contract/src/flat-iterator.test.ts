import { FlatIterator } from './flat-iterator.js';

type Parts<T> = AsyncGenerator<Iterator<T, void>, void, undefined>;

const wrong = new Error('wrong');

/** Counts what is taken, and notes the end. */
function partsOf(...lengths: number[]) {
  const seen = { taken: 0, ended: false };
  async function* parts(): Parts<string> {
    try {
      for (const length of lengths) {
        await Promise.resolve();
        seen.taken++;
        yield Array.from({ length }, (_, index) => `${seen.taken}.${index}`).values();
      }
    } finally {
      seen.ended = true;
    }
  }
  return { seen, items: new FlatIterator(parts()) };
}

test('all items come in order, over parts without any', async () => {
  const { items, seen } = partsOf(0, 2, 0, 0, 1, 0);
  const all: string[] = [];
  for await (const item of items) all.push(item);
  expect(all).toEqual(['2.0', '2.1', '5.0']);
  expect(seen.ended).toBe(true);
  expect(await items.next()).toEqual({ done: true, value: undefined });
});

test('what is asked for at once comes in order, and nothing twice', async () => {
  const { items } = partsOf(2, 1);
  const asked = await Promise.all([items.next(), items.next(), items.next(), items.next(), items.next()]);
  expect(asked.map(({ value }) => value)).toEqual(['1.0', '1.1', '2.0', undefined, undefined]);
});

test('what is asked for later does not overtake what still waits', async () => {
  const { items } = partsOf(3);
  const [first, second] = [items.next(), items.next()];
  expect((await first).value).toBe('1.0');
  const third = items.next();
  expect([(await second).value, (await third).value]).toEqual(['1.1', '1.2']);
});

test('leaving the loop ends the parts, and takes no more of them', async () => {
  const { items, seen } = partsOf(2, 2);
  for await (const item of items) if (item === '1.1') break;
  expect(seen).toEqual({ taken: 1, ended: true });
  expect((await items.next()).done).toBe(true);
});

test('an end that is asked for behind an item that is still to come waits for it', async () => {
  const { items, seen } = partsOf(1);
  const [first, end, after] = await Promise.all([items.next(), items.return(), items.next()]);
  expect([first.value, end.done, after.done]).toEqual(['1.0', true, true]);
  expect(seen.ended).toBe(true);
});

test('an item that cannot be had is an error for its asker, and ends the parts', async () => {
  const seen = { ended: false };
  async function* parts(): Parts<number> {
    try {
      for (;;) {
        yield (function* () {
          yield 1;
          throw wrong;
        })();
        await Promise.resolve();
      }
    } finally {
      seen.ended = true;
    }
  }
  const items = new FlatIterator(parts());
  expect((await items.next()).value).toBe(1);
  await expect(items.next()).rejects.toBe(wrong);
  expect(seen.ended).toBe(true);
  expect((await items.next()).done).toBe(true);
});

test('an error of the parts is an error for its asker, and the end', async () => {
  async function* parts(): Parts<number> {
    await Promise.resolve();
    yield [1].values();
    throw wrong;
  }
  const items = new FlatIterator(parts());
  expect((await items.next()).value).toBe(1);
  await expect(items.next()).rejects.toBe(wrong);
  expect((await items.next()).done).toBe(true);
});

test('disposing of it ends the parts', async () => {
  const { items, seen } = partsOf(2);
  await items.next();
  await items[Symbol.asyncDispose]();
  expect(seen.ended).toBe(true);
});
