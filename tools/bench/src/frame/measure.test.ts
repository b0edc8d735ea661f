import { type Contender, measure } from './measure.js';
import { ms } from './statistics.js';

function contender(name: string, turns: string[], rows: readonly string[] = [name]): Contender {
  return {
    name,
    run: () => {
      turns.push(name);
      return Promise.resolve(Object.fromEntries(rows.map((row) => [row, ms(turns.length)])));
    },
  };
}

describe('measuring', () => {
  test('takes the contenders in turn, and does not count the first turn', async () => {
    const turns: string[] = [];
    const contenders = [contender('a', turns), contender('b', turns)];
    const samples = await measure(contenders, { rounds: 2, progress: () => undefined });
    expect(turns).toEqual(['a', 'b', 'a', 'b', 'a', 'b']);
    expect([...samples]).toEqual([
      ['a', [ms(3), ms(5)]],
      ['b', [ms(4), ms(6)]],
    ]);
  });

  test('keeps what one run timed apart by row', async () => {
    const samples = await measure([contender('a', [], ['start', 'stop'])], {
      rounds: 5,
      progress: () => undefined,
    });
    expect([...samples.keys()]).toEqual(['start', 'stop']);
    expect(samples.get('stop')).toHaveLength(5);
  });

  test('takes no turn to warm up if none is wanted', async () => {
    const turns: string[] = [];
    const asked = { rounds: 1, warmUp: false, progress: () => undefined };
    expect([...(await measure([contender('a', turns)], asked))]).toEqual([['a', [ms(1)]]]);
    expect(turns).toEqual(['a']);
  });

  test('says after each run what it measured', async () => {
    const said: string[] = [];
    await measure([contender('a', [])], { rounds: 1, progress: (line) => said.push(line) });
    expect(said).toEqual(['warm-up  a: 1.0 ms', 'round 1/1  a: 2.0 ms']);
  });

  test('ends with the first run that fails', async () => {
    const broken = { name: 'broken', run: () => Promise.reject(new Error('no server')) };
    await expect(measure([broken], { rounds: 5, progress: () => undefined })).rejects.toThrow('no server');
  });
});
