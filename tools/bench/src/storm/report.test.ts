import { drawStorm } from './picture.js';
import { stormSection } from './report.js';
import { preset } from './variants.js';

const second = Array<number>(20).fill(10);
const storm = {
  scenario: {
    seed: 1,
    clients: 10,
    callsPerSecond: 1,
    capacity: 1.3,
    maxQueueMs: 5_000,
    outage: { from: 2, until: 4 },
    end: 20,
  },
  courses: {
    'a & b': { calls: second, succeeded: Array<number>(20).fill(0), attempts: second },
    [preset]: { calls: second, succeeded: second, attempts: second },
  },
};

describe('the report of a storm', () => {
  test('has a line for each variant, and holds the preset against its goals', () => {
    const section = stormSection(storm, 'storm.svg');
    expect(section).toContain('![load on the server over time](storm.svg)');
    expect(section).toContain('| a & b | 1.00 | 1.00 × | 1.00 × | never | 100.0 % | 100.0 % |');
    expect(section).toContain(`| ${preset} | 1.00 | 1.00 × | 1.00 × | 0 s | 0.0 % | 0.0 % |`);
    expect(section).toMatch(new RegExp(`- met ${preset}: attempts a call.*goal at most 1.1 times`));
  });

  test('has a picture with a panel for each, for light pages and dark ones', () => {
    const svg = drawStorm(storm);
    expect(svg.match(/<polygon/g)).toHaveLength(2);
    expect(svg).toContain('a &amp; b');
    expect(svg).toContain('prefers-color-scheme: dark');
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });
});
