import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { eventsVariable, recordEvent, stopwatch } from './events.js';

const lease = { event: 'lease-taken', kind: 'database', name: 'test_a', tookMs: 3 } as const;
let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'events-'));
  file = join(folder, 'events.jsonl');
  process.env[eventsVariable] = file;
});

afterEach(() => {
  Reflect.deleteProperty(process.env, eventsVariable);
  rmSync(folder, { recursive: true });
});

const recorded = (): Record<string, unknown>[] =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('an event', () => {
  test('is a line with its time, its process and, for a lease, its test', () => {
    recordEvent(lease);
    recordEvent({ event: 'services-returned', holder: 'shop: jest' });
    expect(recorded()).toEqual([
      {
        at: expect.any(Number),
        pid: process.pid,
        ...lease,
        file: expect.stringMatching(/events\.test\.ts$/),
        test: expect.stringMatching(/^an event is a line with its time/),
      },
      { at: expect.any(Number), pid: process.pid, event: 'services-returned', holder: 'shop: jest' },
    ]);
  });

  test('is not written where nobody wants it', () => {
    Reflect.deleteProperty(process.env, eventsVariable);
    recordEvent(lease);
    expect(() => readFileSync(file)).toThrow('ENOENT');
  });

  test('that cannot be written fails no test', () => {
    const warn = jest.spyOn(process, 'emitWarning').mockReturnValue();
    process.env[eventsVariable] = join(folder, 'absent', 'events.jsonl');
    recordEvent(lease);
    expect(warn.mock.calls.map(([warning]) => String(warning))).toEqual([
      expect.stringMatching(/^TEST_EVENTS_FILE: .*ENOENT/),
    ]);
    warn.mockRestore();
  });

  test('stays whole when many processes write at once', async () => {
    const program = join(folder, 'writer.mjs');
    // As recordEvent writes: one append of one line.
    writeFileSync(
      program,
      `import { appendFileSync } from 'node:fs';
       const line = JSON.stringify({ pid: process.pid, name: 'x'.repeat(3000) }) + '\\n';
       for (let i = 0; i < 100; i += 1) appendFileSync(process.env.${eventsVariable}, line);`,
    );
    await Promise.all(
      Array.from({ length: 4 }, () => once(fork(program, { execArgv: [], env: { ...process.env } }), 'exit')),
    );
    expect(recorded()).toHaveLength(400);
  });
});

test('a stopwatch tells whole milliseconds', () => {
  const tookMs = stopwatch();
  expect(tookMs()).toBeGreaterThanOrEqual(0);
  expect(Number.isInteger(tookMs())).toBe(true);
});
