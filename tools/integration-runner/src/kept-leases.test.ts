import type { RunEvent } from './events.js';
import { KeptLeases } from './kept-leases.js';

const kept = (name: string, file: string, test?: string): RunEvent => ({
  ...{ at: 0, event: 'lease-kept', kind: 'database', name, tookMs: 0, file },
  ...(test !== undefined && { test }),
});
const ended = (file: string, name: string, status: string): RunEvent => ({
  ...{ at: 0, event: 'test-ended', project: 'shop', file, name, status, tookMs: 1 },
});
const fileEnded = (file: string, failed: number): RunEvent => ({
  ...{ at: 0, event: 'file-ended', project: 'shop', file, failed },
});

async function after(events: readonly RunEvent[], problem?: Error) {
  const [removed, problems]: [string[], string[]] = [[], []];
  const leases = new KeptLeases(
    {},
    (text) => problems.push(text),
    ({ name }) => {
      removed.push(name);
      return problem ? Promise.reject(problem) : Promise.resolve();
    },
  );
  for (const event of events) leases.onEvent(event);
  const stay = (await leases.settled()).map(({ name, test }) => [name, test]);
  return { removed, problems, stay };
}

describe('the leases of a run that cleans up nothing', () => {
  test('stay for a failed test, and go for one that passed as soon as its file has ended', async () => {
    const events = [
      kept('one', 'a', 'works'),
      ended('a', 'works', 'passed'),
      kept('two', 'a', 'breaks'),
      ended('a', 'breaks', 'failed'),
      fileEnded('a', 1),
    ];
    expect(await after(events)).toEqual({ removed: ['one'], problems: [], stay: [['two', 'breaks']] });
    expect(await after(events.slice(0, -1))).toMatchObject({ removed: [] });
  });

  test('of a hook stay if any test of the file has failed', async () => {
    expect(await after([kept('one', 'a'), fileEnded('a', 1)])).toMatchObject({ stay: [['one', undefined]] });
    expect(await after([kept('one', 'a'), fileEnded('a', 0)])).toMatchObject({ removed: ['one'], stay: [] });
  });

  test('that cannot be removed are named, and nothing fails of it', async () => {
    const { problems } = await after([kept('one', 'a'), fileEnded('a', 0)], new Error('refused'));
    expect(problems).toEqual(['database one stays: refused']);
  });
});
