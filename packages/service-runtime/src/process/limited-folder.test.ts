import { existsSync } from 'node:fs';
import { systemClock } from '../clock.js';
import { Scratch } from '../testing/scratch.js';
import { limitedFolderObstacle, makeLimitedFolder } from './limited-folder.js';

const signal = new AbortController().signal;

describe('a limited folder', () => {
  test.each([
    ['macOS', { platform: 'darwin' }],
    ['a system without setpriv', { setpriv: undefined }],
  ] as const)('is not to be had on %s, which is said before anything is made', async (_, changes) => {
    using scratch = new Scratch();
    const host = scratch.host(changes);
    const context = {
      ...{ host, clock: systemClock, logFile: scratch.path('log'), signal },
      record: () => undefined,
    };
    const path = scratch.path('limited');
    await expect(makeLimitedFolder(path, 1024 ** 2, context)).rejects.toMatchObject({
      report: { code: 'FAULT_NOT_SUPPORTED', evidence: [expect.stringContaining('util-linux')] },
    });
    expect(existsSync(path)).toBe(false);
    expect(await limitedFolderObstacle(host, signal)).toMatch(/util-linux/);
  });
});
