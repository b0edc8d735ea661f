import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventReader } from './events.js';
import { makeRunFolder, runFolders } from './run-folder.js';
import { ServiceLogs } from './service-logs.js';
import { findSuites } from './workspace-suites.js';

let folder: string;
const path = (...parts: string[]): string => join(folder, ...parts);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'runner-files-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('the folder of a run', () => {
  test('is named for its time, and the last 10 are kept', () => {
    for (let minute = 10; minute < 23; minute += 1) {
      makeRunFolder(folder, `2026-11-22T14:${String(minute)}:09.123Z`);
    }
    writeFileSync(path('shop.json'), '{}');
    expect(runFolders(folder)).toHaveLength(10);
    expect(runFolders(folder)[0]).toBe('2026-11-22T14-13-09');
    expect(readlinkSync(path('latest'))).toBe('2026-11-22T14-22-09');
    expect(readdirSync(folder)).toContain('shop.json');
  });

  test('is another one for a run that began in the same second', () => {
    const made = [1, 2, 3].map(() => makeRunFolder(folder, '2026-11-22T14:05:09.000Z'));
    expect(new Set(made).size).toBe(3);
    expect(runFolders(folder)).toEqual([
      '2026-11-22T14-05-09',
      '2026-11-22T14-05-09-2',
      '2026-11-22T14-05-09-3',
    ]);
  });
});

describe('the logs of services', () => {
  test('are copied from the start of the run on, also of one that is started again or came later', () => {
    mkdirSync(path('services'));
    writeFileSync(path('services', 'redis.log'), 'before\n');
    const logs = new ServiceLogs(path('services'), path('run'));
    logs.readNew(1);
    appendFileSync(path('services', 'redis.log'), 'during\n');
    logs.readNew(2);
    writeFileSync(path('services', 'redis.log'), 'new\n'); // begun anew, as a start does
    writeFileSync(path('services', 'late.log'), 'late\n');
    logs.readNew(3);
    expect(readFileSync(path('run', 'redis.log'), 'utf8')).toBe('during\nnew\n');
    expect(logs.lines().get('redis')).toEqual([
      { atMs: 2, text: 'during' },
      { atMs: 3, text: 'new' },
    ]);
    expect(logs.lines().get('late')).toEqual([{ atMs: 3, text: 'late' }]);
  });

  test('may be none', () => {
    const logs = new ServiceLogs(path('absent'), path('run'));
    logs.readNew(1);
    expect(logs.lines().size).toBe(0);
  });
});

describe('the events of a run', () => {
  test('are read as they come; what is no event is passed over, and half a line is left', () => {
    const reader = new EventReader(path('events.jsonl'));
    expect(reader.readNew()).toEqual([]);
    const event = { at: 1, event: 'run-ended', project: 'shöp' };
    const line = Buffer.from(`${JSON.stringify(event)}\n`);
    writeFileSync(path('events.jsonl'), 'no event\n{"event":"unknown","at":1}\n');
    appendFileSync(path('events.jsonl'), line.subarray(0, -8));
    expect(reader.readNew()).toEqual([]);
    appendFileSync(path('events.jsonl'), line.subarray(-8));
    appendFileSync(path('events.jsonl'), line);
    expect(reader.readNew()).toEqual([event, event]);
    expect(reader.readNew()).toEqual([]);
  });
});

describe('the suites of a workspace', () => {
  test('are those of the packages that declare services', () => {
    const write = (file: string, content: object): void => {
      mkdirSync(path(file, '..'), { recursive: true });
      writeFileSync(path(file), JSON.stringify(content));
    };
    const declaring = (services: string[], programs?: string[]) => ({
      nx: { metadata: { services, programs } },
    });
    write('package.json', { workspaces: ['packages/*', 'tool'] });
    write('packages/b/package.json', { name: '@scope/b', ...declaring(['redis'], ['pooler']) });
    write('packages/b/test/integration/deep/b.integration.test.ts', {});
    write('packages/b/test/integration/helper.ts', {});
    write('packages/plain/package.json', { name: 'plain' });
    write('packages/no-package/readme.json', {});
    write('tool/package.json', { name: 'x', nx: { name: 'a', metadata: { services: [] } } });
    expect(findSuites(folder)).toEqual([
      {
        name: '@scope/b',
        root: 'packages/b',
        services: ['redis'],
        programs: ['pooler'],
        files: ['packages/b/test/integration/deep/b.integration.test.ts'],
      },
      { name: 'a', root: 'tool', services: [], programs: [], files: [] },
    ]);
  });
});
