import fc from 'fast-check';
import { NxOutput, type NxSection } from './nx-output.js';

const output = [
  '',
  ' NX   Running target integration for 2 projects:',
  '',
  '> nx run shop:integration --testNamePattern=@smoke(?![\\w-])',
  '',
  '\u001b[1mTests:\u001b[22m 2 passed\r',
  '> nx run nested:build is what a test printed',
  '',
  '> nx run @scope/depot:integration  [local cache]',
  '',
  'Tests: 1 passed',
  '',
  '—————————————————————————————————————————————',
  ' NX   Successfully ran',
  '',
].join('\n');
const shop = { project: 'shop', target: 'integration', fromCache: false };
const depot = { project: '@scope/depot', target: 'integration', fromCache: true };
const isProject = (name: string): boolean => name !== 'nested';

function sections(chunks: readonly string[]): NxSection[] {
  const found: NxSection[] = [];
  const reader = new NxOutput(isProject, (section) => found.push(section));
  for (const chunk of chunks) reader.push(chunk);
  reader.end();
  return found;
}

describe('the output of Nx', () => {
  test('is parted by task, without colours, with what Nx says itself', () => {
    const found = sections([output]);
    expect(found.map(({ task }) => task)).toEqual([undefined, shop, depot, undefined]);
    expect(found[1]?.text).toContain('\nTests: 2 passed\n> nx run nested:build is what a test printed\n');
    expect(found[2]?.text).toContain('Tests: 1 passed');
    expect(found[3]?.text).toContain('Successfully ran');
  });

  test('is parted alike, however it arrives', () => {
    const whole = sections([output]);
    fc.assert(
      fc.property(fc.array(fc.nat({ max: output.length })), (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), output.length];
        const chunks = places.slice(1).map((end, index) => output.slice(places[index], end));
        expect(sections(chunks)).toEqual(whole);
      }),
    );
  });

  test('of a task is handed out when nothing more comes, before the next has begun', () => {
    const found: NxSection[] = [];
    const reader = new NxOutput(isProject, (section) => found.push(section));
    reader.push('> nx run shop:integration\n\nTests: 2 passed\n');
    reader.tick();
    expect(found).toEqual([]);
    reader.tick();
    expect(found.map(({ task }) => task)).toEqual([shop]);
    reader.push('and more\n');
    reader.end();
    expect(found[1]).toEqual({ task: shop, text: 'and more\n' });
  });

  test('may be none', () => {
    expect(sections([])).toEqual([]);
  });
});
