import { existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { ServiceFailure } from '../failure/service-failure.js';
import { Scratch } from '../testing/scratch.js';
import { assertOurs, makeControlFolder, removeFolders, runtimeFolders } from './runtime-folders.js';

const failureOf = (action: () => unknown): ServiceFailure => {
  try {
    action();
  } catch (error) {
    if (error instanceof ServiceFailure) return error;
  }
  throw new Error('it did not fail');
};

describe('the folders of a workspace', () => {
  test('are shared with no other workspace', () => {
    using scratch = new Scratch();
    const host = scratch.host();
    const a = runtimeFolders(scratch.makeFolder('a'), host);
    const b = runtimeFolders(scratch.makeFolder('b'), host);
    const paths = (folders: typeof a) => [
      folders.key,
      folders.control,
      folders.socket,
      folders.lock,
      folders.state,
      folders.data,
      folders.logs,
    ];
    for (const path of paths(a)) expect(paths(b)).not.toContain(path);
  });

  test('are the same by whatever way the workspace is reached', () => {
    using scratch = new Scratch();
    const host = scratch.host();
    const folder = scratch.makeFolder('a');
    symlinkSync(folder, scratch.path('link'));
    expect(runtimeFolders(scratch.path('link'), host)).toEqual(runtimeFolders(`${folder}/.`, host));
  });

  test('are another account’s own, too', () => {
    using scratch = new Scratch();
    const host = scratch.host();
    const others = runtimeFolders(scratch.folder, { ...host, uid: host.uid + 1 });
    expect(others.control).not.toBe(runtimeFolders(scratch.folder, host).control);
  });

  test('keep data where we were told, unless there is no room or no such folder', () => {
    using scratch = new Scratch();
    const data = scratch.makeFolder('memory');
    const at = (dataFolder: string | undefined): string =>
      dirname(dirname(runtimeFolders(scratch.folder, scratch.host({ dataFolder })).data));
    expect(at(data)).toBe(data);
    expect(at(scratch.path('absent'))).toBe(scratch.path('tmp'));
    expect(at(undefined)).toBe(scratch.path('tmp'));
  });

  test('are refused below a temporary folder whose path is too long for a socket, counted in bytes', () => {
    using scratch = new Scratch();
    const free =
      103 - Buffer.byteLength(runtimeFolders(scratch.folder, scratch.host({ temporaryFolder: '/t' })).socket);
    const at = (temporaryFolder: string) => () =>
      runtimeFolders(scratch.folder, scratch.host({ temporaryFolder }));
    expect(at(`/t${'x'.repeat(free)}`)).not.toThrow();
    for (const path of [`/t${'x'.repeat(free + 1)}`, `/t${'é'.repeat(Math.ceil((free + 1) / 2))}`]) {
      const { code, report } = failureOf(at(path));
      expect(code).toBe('FOLDER_NOT_WRITABLE');
      expect(report.next).toEqual(['Set TMPDIR to a shorter path: TMPDIR=/tmp']);
    }
  });

  test('cannot be had for a workspace that is not there', () => {
    using scratch = new Scratch();
    const failure = failureOf(() => runtimeFolders(scratch.path('absent'), scratch.host()));
    expect(failure.code).toBe('INVALID_OPTION');
  });

  test('are made for their owner alone to write', () => {
    using scratch = new Scratch();
    const host = scratch.host();
    const folders = runtimeFolders(scratch.folder, host);
    makeControlFolder(folders, host);
    makeControlFolder(folders, host); // again: it is there
    expect(statSync(folders.control).mode & 0o022).toBe(0);
  });

  test('are not used when another account has made them', () => {
    using scratch = new Scratch();
    const host = scratch.host();
    const stranger = { ...host, uid: host.uid + 1 };
    const folders = runtimeFolders(scratch.folder, stranger);
    mkdirSync(folders.control, { recursive: true });
    const { code, report } = failureOf(() => {
      makeControlFolder(folders, stranger);
    });
    expect(code).toBe('FOLDER_NOT_WRITABLE');
    expect(report.evidence).toEqual([`owner uid ${host.uid}, ours ${stranger.uid}`]);
  });

  test('are not used when another account has made the folder for data', () => {
    using scratch = new Scratch();
    const host = scratch.host({ dataFolder: scratch.makeFolder('memory') });
    const folders = runtimeFolders(scratch.folder, host);
    symlinkSync(scratch.makeFolder('elsewhere'), dirname(folders.data));
    expect(
      failureOf(() => {
        makeControlFolder(folders, host);
      }).report.summary,
    ).toContain(dirname(folders.data));
  });

  test('are others for another version of PostgreSQL, so that both can run', () => {
    using scratch = new Scratch();
    const usual = runtimeFolders(scratch.folder, scratch.host());
    const other = runtimeFolders(
      scratch.folder,
      scratch.host({ environment: { SERVICES_POSTGRES_VERSION: '18' } }),
    );
    for (const name of ['key', 'control', 'socket', 'data', 'logs'] as const)
      expect(other[name]).not.toBe(usual[name]);
    expect(dirname(other.logs)).toBe(dirname(usual.logs));
  });

  test('are no matter as long as they are not there', () => {
    using scratch = new Scratch();
    expect(() => {
      assertOurs([scratch.path('absent')], scratch.host());
    }).not.toThrow();
  });

  test('cannot be made where a file is in the way', () => {
    using scratch = new Scratch();
    const host = scratch.host({ temporaryFolder: scratch.write('file', '') });
    const folders = runtimeFolders(scratch.folder, host);
    const { code, report } = failureOf(() => {
      makeControlFolder(folders, host);
    });
    expect(code).toBe('FOLDER_NOT_WRITABLE');
    expect(report.evidence.join()).toContain('ENOTDIR');
  });

  test('go with all that is ours in them, and take nothing else along', () => {
    using scratch = new Scratch();
    const host = scratch.host();
    const a = runtimeFolders(scratch.makeFolder('a'), host);
    const b = runtimeFolders(scratch.makeFolder('b'), host);
    for (const folders of [a, b]) {
      makeControlFolder(folders, host);
      mkdirSync(folders.data, { recursive: true });
      for (const file of [folders.lock, folders.state, folders.socket]) writeFileSync(file, '');
    }
    removeFolders(a);
    expect(existsSync(a.control) || existsSync(a.data)).toBe(false);
    expect(existsSync(b.state) && existsSync(b.data)).toBe(true);
    removeFolders(b);
    expect(existsSync(dirname(b.control)) || existsSync(dirname(b.data))).toBe(false);
  });
});
