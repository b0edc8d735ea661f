import fc from 'fast-check';
import { select } from './selection.js';
import type { SuiteProject } from './workspace-suites.js';

const file = (project: string, name: string): string =>
  `packages/${project}/test/integration/${name}.integration.test.ts`;
const project = (name: string, services: string[], ...files: string[]): SuiteProject => ({
  ...{ name, services, programs: [], root: `packages/${name}` },
  files: files.map((base) => file(name, base)),
});
const shop = project('shop', ['postgres', 'redis'], 'orders', 'stock');
const depot = project('depot', ['redis'], 'depot');
const plain = project('postgres-tools', [], 'tools');
const all = [shop, depot, plain];
const texts: Record<string, string> = {
  [file('shop', 'orders')]: `tagged('smoke')('an order', …); test('another @slow', …)`,
  [file('shop', 'stock')]: `test('stock is smoke-free', …)`,
  [file('depot', 'depot')]: `describeIntegration('redis', 'a depot', { tags: ["slow"] }, …)`,
  [file('postgres-tools', 'tools')]: '',
};
const nothing = { keyword: undefined, files: [], tags: [] };

function choose(choice: Partial<Parameters<typeof select>[0]>) {
  const selection = select({ ...nothing, ...choice }, all, (path) => texts[path] ?? '');
  if (selection.kind === 'none') return selection;
  const { jestArgs, projects } = selection;
  const argument = (option: string): string | undefined =>
    jestArgs.find((arg) => arg.startsWith(`--${option}=`))?.slice(option.length + 3);
  const names = argument('testNamePattern');
  const matcher = names === undefined ? undefined : new RegExp(names, 'i'); // as Jest makes it
  return {
    projects: projects.map(({ name }) => name),
    isChosen: (title: string) => matcher?.test(title) ?? true,
    paths: argument('testPathPatterns'),
    jestArgs,
  };
}

/** What was chosen, in a test that is about something. */
function chosen(choice: Partial<Parameters<typeof select>[0]>) {
  const found = choose(choice);
  if ('kind' in found) throw new Error(found.why);
  return found;
}

describe('a selection', () => {
  test('is everything, and tells Jest nothing, where nothing is asked for', () => {
    expect(chosen({})).toMatchObject({ projects: ['shop', 'depot', 'postgres-tools'], jestArgs: [] });
  });

  test('by a service is the tests on it, of the projects that have it', () => {
    const { projects, isChosen } = chosen({ keyword: 'Postgres' });
    expect(projects).toEqual(['shop']);
    expect(isChosen('orders @postgres are found')).toBe(true);
    expect(isChosen('stock @redis is counted in postgres')).toBe(false);
    expect(isChosen('stock @postgres-old is counted')).toBe(false);
  });

  test('by a part of a project’s name is all its tests', () => {
    expect(chosen({ keyword: 'DEP' })).toMatchObject({ projects: ['depot'], jestArgs: [] });
  });

  test('by any other word is the tests that have it in their name', () => {
    const { projects, isChosen } = chosen({ keyword: 'a+b (c)' });
    expect(projects).toHaveLength(3);
    expect(isChosen('adds A+B (C) up')).toBe(true);
    expect(isChosen('adds aab c up')).toBe(false);
  });

  test('by a tag leaves files alone that do not mention it', () => {
    const { projects, isChosen, paths } = chosen({ tags: ['smoke'] });
    expect(projects).toEqual(['shop']);
    expect(paths).toBe('/(orders)[.]integration[.]');
    expect(isChosen('an order @smoke')).toBe(true);
    expect(isChosen('an order @smoke-free')).toBe(false);
  });

  test('by several tags is what carries one of them', () => {
    const { projects, isChosen } = chosen({ tags: ['smoke', 'slow'] });
    expect(projects).toEqual(['shop', 'depot']);
    expect([isChosen('a @smoke'), isChosen('a @slow'), isChosen('a')]).toEqual([true, true, false]);
  });

  test('without a tag is the rest', () => {
    const { projects, isChosen } = chosen({ tags: ['!slow'] });
    expect(projects).toHaveLength(3);
    expect([isChosen('a @slow b'), isChosen('a @slower'), isChosen('a')]).toEqual([false, true, true]);
  });

  test('by a file is that file', () => {
    expect(chosen({ files: ['stock.integ'] })).toMatchObject({
      projects: ['shop'],
      paths: '/(stock)[.]integration[.]',
    });
  });

  test('by several things is what fits all of them', () => {
    const { projects, isChosen } = chosen({ keyword: 'redis', tags: ['smoke', '!slow'], files: ['orders'] });
    expect(projects).toEqual(['shop']);
    expect(isChosen('orders @redis an order @smoke')).toBe(true);
    expect(isChosen('orders @postgres an order @smoke')).toBe(false);
    expect(isChosen('orders @redis an order @smoke @slow')).toBe(false);
  });

  test.each([
    [{ files: ['absent'] }, 'No test fits -f absent.'],
    [{ tags: ['fault'], keyword: 'depot' }, 'No test fits -k depot --tag fault.'],
  ])('of nothing says what there is: %j', (choice, why) => {
    expect(choose(choice)).toEqual({
      kind: 'none',
      why: `${why}\nProjects: shop, depot, postgres-tools.\nServices: postgres, redis.`,
    });
  });

  test('by any text at all finds that text, and hands nothing to the shell that it understands', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (keyword) => {
        fc.pre(!all.some(({ name }) => name.includes(keyword.toLowerCase())));
        fc.pre(keyword.toLowerCase() !== 'redis' && keyword.toLowerCase() !== 'postgres');
        const { isChosen, jestArgs } = chosen({ keyword });
        expect(isChosen(`before ${keyword} after`)).toBe(true);
        expect(jestArgs.join('')).not.toMatch(/["'`$;&<>\n]|\\(?!u)/);
      }),
    );
  });
});
