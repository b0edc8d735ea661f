import { ByteStore } from './byte-store.js';

test('a value that 32-bit offsets cannot reach the end of is refused before memory is taken for it', () => {
  const store = new ByteStore();
  store.growRows(1, 0);
  expect(() => store.write(0, 2 ** 31, (_, position) => position)).toThrow(
    expect.objectContaining({ code: 'invalid-data', kind: 'terminal' }) as Error,
  );
});
